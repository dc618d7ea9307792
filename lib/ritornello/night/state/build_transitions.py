"""Count which item follows which, month by month.

Each month is counted once, then summed with those before. As of any instant the result is the sums
before its month ⊕ the plays of the month, so a night writes nothing.
"""

from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before, between, instant
from ritornello.features.steps import REACH, STEP, listener_steps, transition_months
from ritornello.features.transitions import transition_sums, transitions
from ritornello.features.transitions_forward import Months, transitions_forward
from ritornello.instants import month_start
from ritornello.intake.changes import are_noted, changes, changes_since
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind
from ritornello.night.state.months import counted_months, missing_months, months_with_plays
from ritornello.scratch import Scratch, scratch
from ritornello.tables.upkeep import slices_of

MONTHS, SUMS, BEST = "transition_months", "transition_sums", "transitions"


def build_transitions(context: Context, *, last: datetime) -> None:
    """Count due months before that of ``last``, then sum and rank them.

    A month is due if it is not counted yet or its plays changed since. A late play re-opens its month
    and also the next one, because a session may run past midnight.
    """
    end = month_start(last)
    due = months_due(context, end)
    if due:
        with context.step(MONTHS, end):
            _count(context, due, end)
    if not all(_is_fresh(context, table, end) for table in (SUMS, BEST)):
        with context.step(SUMS, end), scratch() as scratchpad:
            _sum_up(context, end, scratchpad)


def transition_rows(context: Context, as_of: datetime) -> DataFrame:
    """One row per transition (item_id, next_item_id, weight) as of an instant.

    ``build_transitions`` must have run for that instant.
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
    """List the ends of months up to ``end`` that must be counted.

    They are not counted yet, or their plays changed since.
    """
    store = context.store
    if not (are_noted(store) and store.exists(MONTHS)):
        return {month for month in months_with_plays(context) if month <= end}
    counted = (
        counted_months(context, MONTHS, before=end)
        .groupBy("as_of")
        .agg(F.min("plays_version").alias("_version"))
    )
    changed = changes(store).select(
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
    """Return whether earlier months are unchanged since the slice was written.

    Earlier means before ``end``. A slice of another half-life is not fresh."""
    store = context.store
    if not (are_noted(store) and store.has(table, as_of=end)):
        return False
    row = store.read(table, as_of=end).select("plays_version", "half_life_days").first()
    if row is None or row["half_life_days"] != _half_life(context):
        return False
    later = changes_since(store, row["plays_version"])
    return later.where(F.col("first_played_at") < instant(end)).isEmpty()


def _sum_up(context: Context, end: datetime, scratchpad: Scratch) -> None:
    """Write each item's best transitions, and the sums of all others.

    They are written together because no transition may be in both tables.
    """
    months = counted_months(context, MONTHS, before=end)
    version = months.agg(F.max("plays_version")).first()
    half_life = _half_life(context)
    lineage = {
        "half_life_days": F.lit(half_life),
        "plays_version": F.lit(version[0] if version else None).cast("bigint"),
    }
    sums = scratchpad.keep(transition_sums(months, valued_at=end, half_life_days=half_life))
    best = scratchpad.keep(transitions(sums))
    context.store.replace(BEST, best.withColumns(lineage), as_of=end)
    others = sums.join(best, [*STEP], "left_anti")
    context.store.replace(SUMS, others.withColumns(lineage), as_of=end)


def _half_life(context: Context) -> float:
    return context.settings.features.transition_half_life_days
