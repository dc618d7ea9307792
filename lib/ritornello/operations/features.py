"""build_features: histories, item statistics and profiles as of an instant."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.history import (
    before,
    between,
    events_of_items,
    histories,
    pair_state,
    plays_of_items,
    revalue,
    then,
    with_last_plays,
)
from ritornello.features.items import item_stats
from ritornello.features.profile import user_profile
from ritornello.instants import month_start, next_month
from ritornello.job import Context


def plays_of_kind(context: Context) -> DataFrame:
    """All positive plays of the warehouse as plays of items."""
    store = context.store
    return plays_of_items(
        store.read("plays"), store.read("tracks"), item_kind=context.settings.item_kind
    )


def events_of_kind(context: Context) -> DataFrame:
    """All plays, skips and likes of the warehouse as events of items."""
    store = context.store
    return events_of_items(
        store.read("plays"), store.read("tracks"), item_kind=context.settings.item_kind
    )


def build_checkpoints(context: Context, *, first: datetime, last: datetime) -> None:
    """pair_checkpoints for every month's first from ``first``'s month to ``last``'s.

    The first is built from nothing, each later one from the one before and a month of plays.
    """
    plays = plays_of_kind(context)
    month = month_start(first)
    with context.step("pair_checkpoints", month):
        _write_checkpoint(context, pair_state(before(plays, month), valued_at=month), month)
    while (following := next_month(month)) <= last:
        with context.step("pair_checkpoints", following):
            state = _carried(context, plays, checkpoint=month, as_of=following)
            _write_checkpoint(context, state, following)
        month = following


def _write_checkpoint(context: Context, state: DataFrame, month: datetime) -> None:
    bucket = F.pmod("user_id", F.lit(context.settings.features.user_buckets)).cast("int")
    context.store.replace("pair_checkpoints", state.withColumn("user_bucket", bucket), as_of=month)


def _carried(
    context: Context, plays: DataFrame, *, checkpoint: datetime, as_of: datetime
) -> DataFrame:
    """decay(checkpoint) ⊕ the plays since."""
    earlier = context.store.read("pair_checkpoints", as_of=checkpoint)
    later = pair_state(between(plays, checkpoint, as_of), valued_at=as_of)
    return then(revalue(earlier, valued_at=as_of), later)


def build_features(context: Context, as_of: datetime) -> None:
    """pair_history, histories, item_stats and user_profile as of an instant."""
    store, settings = context.store, context.settings.features
    checkpoint = month_start(as_of)
    if not store.has("pair_checkpoints", as_of=checkpoint):
        build_checkpoints(context, first=checkpoint, last=checkpoint)
    with context.step("build_features", as_of):
        plays = before(plays_of_kind(context), as_of)
        store.replace("histories", histories(plays, length=settings.history_length), as_of=as_of)
        state = _carried(context, plays, checkpoint=checkpoint, as_of=as_of)
        pairs = with_last_plays(state, store.read("histories", as_of=as_of))
        store.replace("pair_history", pairs, as_of=as_of)
        pairs = store.read("pair_history", as_of=as_of)
        store.replace("item_stats", item_stats(pairs), as_of=as_of)
        profile = user_profile(pairs, plays, as_of=as_of, rhythm_days=settings.rhythm_days)
        store.replace("user_profile", profile, as_of=as_of)
