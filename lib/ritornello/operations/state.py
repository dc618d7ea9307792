"""The state of listening: months that are counted once, and what is assembled from them.

A checkpoint counts one month alone, so a night writes none, a month's end writes that month only,
and a late play re-opens its own month of its listeners' bucket. Whatever is as of an instant is the
checkpoints before it ⊕ the plays of its month: any instant, any choice of listeners, no slice needed.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between, instant
from ritornello.features.history import histories, with_last_plays
from ritornello.features.narrow import narrowed
from ritornello.features.states import PAIR, STATE, folded, month_end, month_states, pair_state
from ritornello.instants import month_start, next_month
from ritornello.intake.changes import TABLE as CHANGES
from ritornello.intake.changes import are_noted
from ritornello.job import Context
from ritornello.operations.listened import plays_of_kind
from ritornello.tables.slices import part
from ritornello.tables.upkeep import slices_of

CHECKPOINTS = "pair_checkpoints"

Choice = Callable[[DataFrame], DataFrame]


def everyone(rows: DataFrame) -> DataFrame:
    """All listeners."""
    return rows


def only(listeners: DataFrame) -> Choice:
    """The choice of these listeners (user_id), made before the shuffle."""
    return lambda rows: narrowed(rows, listeners, on=["user_id"]).join(
        listeners, "user_id", "left_semi"
    )


def pair_rows(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """``pair_history`` as of an instant: the slice of a whole night, else put together now."""
    if context.store.has("pair_history", as_of=as_of):
        return of(context.store.read("pair_history", as_of=as_of)).drop("as_of")
    return pairs_as_of(context, as_of, of=of).localCheckpoint()


def history_rows(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """``histories`` as of an instant: the slice of a whole night, else put together now."""
    if context.store.has("histories", as_of=as_of):
        return of(context.store.read("histories", as_of=as_of)).drop("as_of")
    return histories_as_of(context, as_of, of=of)


def pairs_as_of(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """``pair_history`` as of an instant without ``as_of``, for a choice of listeners.

    The choice is made before anything is shuffled. ``build_checkpoints`` must have run.
    """
    state = pair_states(context, as_of, of=of)
    return with_last_plays(state, histories_as_of(context, as_of, of=of))


def pair_states(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """Checkpoints ⊕ the plays since: one (listener, item) played before the instant."""
    month = month_start(as_of)
    months = counted_months(context, CHECKPOINTS, before=month).select(*PAIR, *STATE)
    tail = pair_state(of(between(plays_of_kind(context), month, as_of)), valued_at=as_of)
    return folded(of(months).unionByName(tail), valued_at=as_of)


def histories_as_of(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """``histories`` as of an instant without ``as_of``, for a choice of listeners."""
    plays = of(before(plays_of_kind(context), as_of))
    return histories(plays, length=context.settings.features.history_length)


def counted_months(context: Context, table: str, *, before: datetime) -> DataFrame:
    """The rows of a table that counts month by month, of all months that end at or before an instant."""
    return context.store.read(table).where(F.col("as_of") <= instant(before))


def missing_months(context: Context, table: str, *, before: datetime) -> list[datetime]:
    """Ends of the months with plays, at or before an instant, that a table did not count yet."""
    ends = {one for one in months_with_plays(context) if one <= before}
    return sorted(ends - set(slices_of(context.store, table)))


def build_checkpoints(context: Context, *, last: datetime) -> None:
    """Count every month before ``last``'s that is not counted yet or was re-opened by a change."""
    end = month_start(last)
    with context.step(CHECKPOINTS, end):
        reopened = reopened_slices(context, end)
        if reopened is None or 2 * len(reopened) > len(_counted(context)):
            newest = max(_counted(context) | {end})
            states = _states(context, before(plays_of_kind(context), newest))
            context.store.replace(CHECKPOINTS, states)
            return
        plays = before(plays_of_kind(context), end)
        for month, buckets in sorted(reopened.items()):
            _rewrite(context, plays, month, sorted(buckets))
        missing = missing_months(context, CHECKPOINTS, before=end)
        if missing:
            ends = [month_end(F.col("played_at")) == instant(month) for month in missing]
            new = _states(context, plays.where(reduce(lambda one, other: one | other, ends)))
            context.store.append(CHECKPOINTS, new)


def checkpoints_due(context: Context, as_of: datetime) -> bool:
    """Whether ``build_checkpoints`` has something to do before an instant can be spoken of."""
    end = month_start(as_of)
    reopened = reopened_slices(context, end)
    return (
        reopened is None or bool(reopened) or bool(missing_months(context, CHECKPOINTS, before=end))
    )


def reopened_slices(context: Context, end: datetime) -> dict[datetime, set[int]] | None:
    """Months (named by their ends) and buckets that changed after they were counted.

    None: not a single one can be trusted, for there is none or changes were not noted.
    """
    store = context.store
    if not (are_noted(store) and store.exists(CHECKPOINTS)):
        return None
    slices = (
        counted_months(context, CHECKPOINTS, before=end)
        .groupBy("as_of", "user_bucket")
        .agg(F.min("plays_version").alias("_version"))
    )
    oldest = slices.groupBy("as_of").agg(F.min("_version").alias("_oldest"))
    changes = (
        store.read(CHANGES)
        .withColumns(
            {"as_of": F.add_months("month", 1).cast("timestamp"), "user_bucket": _bucket(context)}
        )
        .groupBy("as_of", "user_bucket")
        .agg(F.max("plays_version").alias("_changed"))
    )
    counted_at = F.coalesce("_version", "_oldest")  # a bucket without a row is as old as its month
    rows = (
        changes.join(oldest, "as_of", "inner")
        .join(slices, ["as_of", "user_bucket"], "left")
        .where(F.col("_changed") > counted_at)
        .select("as_of", "user_bucket")
        .collect()
    )
    found: dict[datetime, set[int]] = {}
    for row in rows:
        found.setdefault(row["as_of"].astimezone(UTC), set()).add(row["user_bucket"])
    return found


def months_with_plays(context: Context) -> set[datetime]:
    """Ends of the months that hold plays, from the log."""
    files = context.store.files(part("plays"))
    months = {file.partition["month"] or "" for file in files}
    return {
        next_month(datetime.combine(date.fromisoformat(month), time(), UTC)) for month in months
    }


def _counted(context: Context) -> set[datetime]:
    """Ends of the months that have a checkpoint."""
    return set(slices_of(context.store, CHECKPOINTS))


def _states(context: Context, plays: DataFrame) -> DataFrame:
    return month_states(plays).withColumns(
        {
            "as_of": F.col("valued_at"),
            "user_bucket": _bucket(context),
            "plays_version": F.lit(context.store.versions_read["plays"]).cast("bigint"),
        }
    )


def _rewrite(context: Context, plays: DataFrame, month: datetime, buckets: list[int]) -> None:
    """One month anew: slice by slice, or whole if it was cut into other buckets or all changed."""
    store, bucket = context.store, _bucket(context)
    of_month = plays.where(month_end(F.col("played_at")) == instant(month))
    old = store.read(CHECKPOINTS, as_of=month)
    whole = len(buckets) == context.settings.features.user_buckets
    if whole or not old.where(F.col("user_bucket") != bucket).isEmpty():
        store.replace(CHECKPOINTS, _states(context, of_month), as_of=month)
        return
    for one in buckets:
        states = _states(context, of_month.where(bucket == one))
        store.replace(CHECKPOINTS, states, as_of=month, user_bucket=one)


def _bucket(context: Context) -> Column:
    return F.pmod("user_id", F.lit(context.settings.features.user_buckets)).cast("int")
