"""What follows what, month by month: each month is counted once, then summed with those before.

As of any instant it is the sums before its month ⊕ the plays of the month; a night writes nothing.
"""

from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between, instant
from ritornello.features.steps import REACH, STEP, listener_steps, transition_months
from ritornello.features.transitions import transition_sums, transitions
from ritornello.features.transitions_forward import Months, transitions_forward
from ritornello.instants import month_start
from ritornello.intake.changes import TABLE as CHANGES
from ritornello.intake.changes import are_noted, changes_since
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import counted_months, missing_months, months_with_plays
from ritornello.scratch import Scratch, scratch
from ritornello.tables.upkeep import slices_of

MONTHS, SUMS, BEST = "transition_months", "transition_sums", "transitions"


def build_transitions(context: Context, *, last: datetime) -> None:
    """Count the months before ``last``'s that are not counted or changed since, sum and rank them.

    A late play re-opens its month and, for a session may reach over midnight, the next one.
    """
    end = month_start(last)
    due = months_due(context, end)
    if due:
        with context.step(MONTHS, end):
            _count(context, due, end)
    if not all(_is_fresh(context, table, end) for table in (SUMS, BEST)):
        with context.step(SUMS, end), scratch() as held:
            _sum_up(context, end, held)


def transition_rows(context: Context, as_of: datetime) -> DataFrame:
    """``transitions`` as of an instant: (item_id, next_item_id, weight).

    ``build_transitions`` must have run for it.
    """
    month = month_start(as_of)
    best = context.store.read(BEST, as_of=month)
    if as_of == month:
        return best.select(*STEP, "weight")
    plays = between(plays_of_kind(context), month - REACH, as_of)
    return transitions_forward(
        Months(best, context.store.read(SUMS, as_of=month), month),
        listener_steps(plays, since=month).localCheckpoint(),
        as_of=as_of,
        half_life_days=_half_life(context),
    )


def months_due(context: Context, end: datetime) -> set[datetime]:
    """Ends of the months up to ``end`` that are not counted yet, or whose plays changed since."""
    store = context.store
    if not (are_noted(store) and store.exists(MONTHS)):
        return {month for month in months_with_plays(context) if month <= end}
    counted = (
        counted_months(context, MONTHS, before=end)
        .groupBy("as_of")
        .agg(F.min("plays_version").alias("_version"))
    )
    changed = store.read(CHANGES).select(
        F.explode(F.array(*(F.add_months("month", n).cast("timestamp") for n in (1, 2)))).alias(
            "as_of"
        ),
        F.col("plays_version").alias("_changed"),
    )
    newest = changed.groupBy("as_of").agg(F.max("_changed").alias("_changed"))
    reopened = newest.join(counted, "as_of").where("_changed > _version").select("as_of").collect()
    missing = missing_months(context, MONTHS, before=end)
    return {*missing, *(row["as_of"].astimezone(UTC) for row in reopened)}


def _count(context: Context, due: set[datetime], end: datetime) -> None:
    store, plays = context.store, plays_of_kind(context)
    version = F.lit(store.versions_read["plays"]).cast("bigint").alias("plays_version")
    counted = set(slices_of(store, MONTHS))
    if 2 * len(due) > len(due | counted):
        months = transition_months(before(plays, max(counted | {end})))
        store.replace(MONTHS, months.select("*", version))
        return
    for month in sorted(due):
        start = month_start(month - timedelta(days=1))
        near = between(plays, start - REACH, month)
        of_month = transition_months(near, since=start).drop("as_of")
        store.replace(MONTHS, of_month.select("*", version), as_of=month)


def _is_fresh(context: Context, table: str, end: datetime) -> bool:
    """Whether the months before ``end`` are as they were when the slice was written."""
    store = context.store
    if not (are_noted(store) and store.has(table, as_of=end)):
        return False
    row = store.read(table, as_of=end).select("plays_version", "half_life_days").first()
    if row is None or row["half_life_days"] != _half_life(context):
        return False
    later = changes_since(store, row["plays_version"])
    return later.where(F.col("first_played_at") < instant(end)).isEmpty()


def _sum_up(context: Context, end: datetime, held: Scratch) -> None:
    """The best of each item, and the sums of all other steps: written together, for none is in both."""
    months = counted_months(context, MONTHS, before=end)
    version = months.agg(F.max("plays_version")).first()
    half_life = _half_life(context)
    lineage = {
        "half_life_days": F.lit(half_life),
        "plays_version": F.lit(version[0] if version else None).cast("bigint"),
    }
    sums = held.keep(transition_sums(months, valued_at=end, half_life_days=half_life))
    best = held.keep(transitions(sums))
    context.store.replace(BEST, best.withColumns(lineage), as_of=end)
    others = sums.join(best, [*STEP], "left_anti")
    context.store.replace(SUMS, others.withColumns(lineage), as_of=end)


def _half_life(context: Context) -> float:
    return context.settings.features.transition_half_life_days
