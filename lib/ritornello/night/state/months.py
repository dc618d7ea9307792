"""Count each month of plays once, and again only where it changed."""

from datetime import UTC, date, datetime, time
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, instant
from ritornello.features.states import month_end, month_states
from ritornello.instants import month_start, next_month
from ritornello.intake.changes import are_noted, changes
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind
from ritornello.tables.slices import part
from ritornello.tables.upkeep import empty, slices_of

CHECKPOINTS = "pair_checkpoints"
TRANSITIONS = ("transition_months", "transition_sums", "transitions")


def counted_months(context: Context, table: str, *, before: datetime) -> DataFrame:
    """Read a monthly table's months that end at or before an instant."""
    return context.store.read(table).where(F.col("as_of") <= instant(before))


def missing_months(context: Context, table: str, *, before: datetime) -> list[datetime]:
    """List ends of months with plays that a table has not counted.

    Only months that end at or before the instant count.
    """
    ends = {one for one in months_with_plays(context) if one <= before}
    return sorted(ends - set(slices_of(context.store, table)))


def count_months(context: Context, as_of: datetime) -> None:
    """Count the months before the instant's that are due."""
    if checkpoints_due(context, as_of):
        build_checkpoints(context, last=as_of)


def forget_months(context: Context) -> None:
    """Empty all that is counted month by month, so that it is counted again.

    No damaged file of these tables is read.
    """
    for table in (CHECKPOINTS, *TRANSITIONS, "recordings"):
        empty(context.store, table)


def build_checkpoints(context: Context, *, last: datetime) -> None:
    """Count due months before that of ``last``.

    A month is due if it is not counted yet or was re-opened by a change.
    """
    end = month_start(last)
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
    """Return whether ``build_checkpoints`` must run for the instant."""
    end = month_start(as_of)
    reopened = reopened_slices(context, end)
    return (
        reopened is None or bool(reopened) or bool(missing_months(context, CHECKPOINTS, before=end))
    )


def reopened_slices(context: Context, end: datetime) -> dict[datetime, set[int]] | None:
    """Return the months and buckets that changed after they were counted.

    Months are identified by their ends. None means that no checkpoint can be trusted, because there is
    none or changes were not recorded.
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
    changed = (
        changes(store)
        .withColumns(
            {"as_of": F.add_months("month", 1).cast("timestamp"), "user_bucket": _bucket(context)}
        )
        .groupBy("as_of", "user_bucket")
        .agg(F.max("plays_version").alias("_changed"))
    )
    counted_at = F.coalesce("_version", "_oldest")  # a bucket without a row is as old as its month
    rows = (
        changed.join(oldest, "as_of", "inner")
        .join(slices, ["as_of", "user_bucket"], "left")
        .where(F.col("_changed") > counted_at)
        .select("as_of", "user_bucket")
        .collect()
    )
    reopened: dict[datetime, set[int]] = {}
    for row in rows:
        reopened.setdefault(row["as_of"].astimezone(UTC), set()).add(row["user_bucket"])
    return reopened


def months_with_plays(context: Context) -> set[datetime]:
    """Return the ends of the months with plays, from the log."""
    files = context.store.files(part("plays"))
    months = {file.partition["month"] or "" for file in files}
    return {
        next_month(datetime.combine(date.fromisoformat(month), time(), UTC)) for month in months
    }


def _counted(context: Context) -> set[datetime]:
    """Return the ends of the months that have a checkpoint."""
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
    """Count one month again.

    It is rewritten slice by slice, or as a whole if it was cut into other buckets or all buckets
    changed.
    """
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
