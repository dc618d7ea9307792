"""bring_forward: the sums over listeners and items, from an earlier day's and what is new since.

What is shuffled and written follows the new plays, the items and the listeners, not the plays of the
past: these are only scanned, for how often a pair that was played now was played before.
"""

from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between, instant
from ritornello.features.changes import pair_changes
from ritornello.features.items import item_stats_forward
from ritornello.features.profile import user_profile, user_profile_forward
from ritornello.features.states import PAIR
from ritornello.instants import month_start
from ritornello.intake.changes import late_listeners
from ritornello.job import Context
from ritornello.night.state.base import Base, base_of_sums
from ritornello.night.state.build_features import write_sums
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import (
    CHECKPOINTS,
    build_checkpoints,
    checkpoints_due,
    counted_months,
)
from ritornello.night.state.pairs import only, pair_states
from ritornello.scratch import Scratch, scratch


def bring_forward(context: Context, as_of: datetime) -> None:
    """item_stats and user_profile as of an instant: from an earlier day's, else from nothing.

    What a whole night may have left of pair_history and histories goes: it is put together on demand.
    """
    if checkpoints_due(context, as_of):
        build_checkpoints(context, last=as_of)
    with scratch() as held:
        for table in ("pair_history", "histories"):
            if context.store.has(table, as_of=as_of):
                context.store.replace(table, context.store.read(table).limit(0), as_of=as_of)
        base = base_of_sums(context, as_of)
        if base is None:
            write_sums(context, held.keep(pair_states(context, as_of)), as_of)
        else:
            _forward(context, base, as_of, held)


def _forward(context: Context, base: Base, as_of: datetime, held: Scratch) -> None:
    store, days = context.store, context.settings.features.rhythm_days
    late = held.keep(late_listeners(store, version=base.plays_version, before=base.as_of))
    added = held.keep(_added(context, base, as_of, late))
    changes = held.keep(pair_changes(added, _counted(context, as_of), as_of=as_of))
    plays_version, valued_at = store.versions_read["plays"], instant(base.as_of)
    items = store.read("item_stats", as_of=base.as_of).withColumn("valued_at", valued_at)
    told = item_stats_forward(items, changes, as_of=as_of)
    version = F.lit(plays_version).cast("bigint")
    store.replace("item_stats", told.withColumn("plays_version", version), as_of=as_of)

    earlier = store.read("user_profile", as_of=base.as_of).withColumn("valued_at", valued_at)
    parts = (earlier, changes, _into_and_out_of_window(context, base, as_of))
    if late.isEmpty():
        profile = user_profile_forward(*parts, as_of=as_of)
    else:
        others = (df.join(late, "user_id", "left_anti") for df in parts)
        profile = user_profile_forward(*others, as_of=as_of)
        profile = profile.unionByName(_profiles_anew(context, late, as_of))
    lineage = {"plays_version": version, "rhythm_days": F.lit(days)}
    store.replace("user_profile", profile.withColumns(lineage), as_of=as_of)


def _added(context: Context, base: Base, as_of: datetime, late: DataFrame) -> DataFrame:
    """Plays before ``as_of`` that the base did not count: the newer ones and the late ones."""
    now = plays_of_kind(context)
    newer = between(now, base.as_of, as_of)
    if late.isEmpty():
        return newer
    then = plays_of_kind(context, version=base.plays_version)
    known, found = (only(late)(before(plays, base.as_of)) for plays in (then, now))
    return newer.unionByName(found.exceptAll(known.select(*found.columns)))


def _counted(context: Context, as_of: datetime) -> DataFrame:
    """``plays`` of pairs before an instant: a row per pair and month, and one per later play."""
    month = month_start(as_of)
    months = counted_months(context, CHECKPOINTS, before=month).select(*PAIR, "plays")
    tail = between(plays_of_kind(context), month, as_of).select(*PAIR, F.lit(1).alias("plays"))
    return months.unionByName(tail)


def _into_and_out_of_window(context: Context, base: Base, as_of: datetime) -> DataFrame:
    """Plays that the rhythm as of ``as_of`` counts and the base's did not (1), and the reverse."""
    window = timedelta(days=context.settings.features.rhythm_days)
    plays = plays_of_kind(context)
    came = between(plays, max(base.as_of, as_of - window), as_of)
    left = between(plays, base.as_of - window, min(base.as_of, as_of - window))
    return came.withColumn("sign", F.lit(1)).unionByName(left.withColumn("sign", F.lit(-1)))


def _profiles_anew(context: Context, late: DataFrame, as_of: datetime) -> DataFrame:
    """The profiles of listeners with late plays, from nothing."""
    of, days = only(late), context.settings.features.rhythm_days
    plays = of(before(plays_of_kind(context), as_of))
    pairs = pair_states(context, as_of, of=of)
    return user_profile(pairs, plays, as_of=as_of, rhythm_days=days)
