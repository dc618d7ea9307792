"""Build histories, item statistics and profiles as of an instant."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.features.history import histories, with_last_plays
from ritornello.features.items import item_stats
from ritornello.features.profile import user_profile
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import count_months
from ritornello.night.state.pairs import pair_states


def build_features(context: Context, as_of: datetime) -> None:
    """Write pair_history, histories, item_stats and user_profile for all listeners."""
    count_months(context, as_of)
    store, settings = context.store, context.settings.features
    plays = before(plays_of_kind(context), as_of)
    store.replace("histories", histories(plays, length=settings.history_length), as_of=as_of)
    state = pair_states(context, as_of)
    pairs = with_last_plays(state, store.read("histories", as_of=as_of))
    store.replace("pair_history", pairs, as_of=as_of)
    write_sums(context, store.read("pair_history", as_of=as_of), as_of)


def write_sums(context: Context, pairs: DataFrame, as_of: datetime) -> None:
    """Write item_stats and user_profile from all pairs as of the instant."""
    store, days = context.store, context.settings.features.rhythm_days
    plays = before(plays_of_kind(context), as_of)
    known = {"plays_version": F.lit(store.versions_read["plays"]).cast("bigint")}
    store.replace("item_stats", item_stats(pairs).withColumns(known), as_of=as_of)
    profile = user_profile(pairs, plays, as_of=as_of, rhythm_days=days)
    known["rhythm_days"] = F.lit(days)
    store.replace("user_profile", profile.withColumns(known), as_of=as_of)
