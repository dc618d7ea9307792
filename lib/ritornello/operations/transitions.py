"""What follows what, by spans of months: each month is counted once, the best are kept by month.

As of any instant it is the spans before its month ⊕ the plays of the month; a night writes nothing.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features import spans
from ritornello.features import transitions as features
from ritornello.features.decay import instant
from ritornello.features.history import before, between
from ritornello.instants import month_start, next_month
from ritornello.job import Context
from ritornello.operations.changes import TABLE as CHANGES
from ritornello.operations.changes import are_noted, changes_since
from ritornello.operations.listened import plays_of_kind
from ritornello.operations.state import months_with_plays
from ritornello.tables.upkeep import slices_of

SPANS, BEST = "transition_spans", "transitions"


def build_transitions(context: Context, *, last: datetime) -> None:
    """Count the spans before ``last``'s month that are not counted or changed since, then rank them.

    A late play re-opens the spans of its month and, for a session may reach over midnight, of the
    next one.
    """
    end = month_start(last)
    due = spans_due(context, end)
    if due:
        with context.step(SPANS, end):
            _count(context, due, end)
    if not _is_ranked(context, end):
        with context.step(BEST, end):
            _rank(context, end)


def transition_rows(context: Context, as_of: datetime) -> DataFrame:
    """``transitions`` as of an instant: (item_id, next_item_id, weight, rank).

    ``build_transitions`` must have run for it.
    """
    month = month_start(as_of)
    best = context.store.read(BEST, as_of=month).select(*features.STEP, "weight", "rank")
    if as_of == month:
        return best
    plays = between(plays_of_kind(context), month - features.REACH, as_of)
    tail = features.transition_months(plays, since=month).localCheckpoint()
    return features.transitions_with_tail(
        best,
        _spans(context, spans.up_to(month)),
        tail,
        valued_at=month,
        as_of=as_of,
        half_life_days=_half_life(context),
    )


def spans_due(context: Context, end: datetime) -> set[datetime]:
    """The spans up to ``end`` that are not counted yet, or whose plays or fading changed since."""
    store = context.store
    months = {month for month in months_with_plays(context) if month <= end}
    wanted = {span for month in months for span in spans.holding(month, last=end)}
    if not (are_noted(store) and store.exists(SPANS)):
        return wanted
    counted = {
        row["as_of"].astimezone(UTC): row["plays_version"]
        for row in store.read(SPANS)
        .where(F.col("half_life_days") == _half_life(context))
        .groupBy("as_of")
        .agg(F.min("plays_version").alias("plays_version"))
        .collect()
    }
    due = {span for span in wanted if span not in counted}
    for month, changed in _changed_months(context).items():
        due |= {
            span
            for span in spans.holding(month, last=end)
            if span in wanted and counted.get(span, -1) < changed
        }
    return due


def _changed_months(context: Context) -> dict[datetime, int]:
    """Ends of the months whose steps a change may have touched: the version of the newest one."""
    changes = context.store.read(CHANGES).groupBy("month").agg(F.max("plays_version"))
    found: dict[datetime, int] = {}
    for first_day, version in changes.collect():
        month = next_month(datetime.combine(first_day, time(), UTC))
        for one in (month, next_month(month)):
            found[one] = max(version, found.get(one, -1))
    return found


def _count(context: Context, due: set[datetime], end: datetime) -> None:
    store, plays = context.store, plays_of_kind(context)
    counted = set(slices_of(store, SPANS))
    if 2 * len(due) > len(due | counted):
        newest = max(counted | {end})
        months = features.transition_months(before(plays, newest))
        into = F.broadcast(_spans_of_months(context, newest))
        store.replace(SPANS, _united(context, months.join(into, "as_of")))
        return
    for span in sorted(due):
        start = month_start(span - timedelta(days=1))
        near = between(plays, start - features.REACH, span)
        month = features.transition_months(near, since=start)
        inner = _spans(context, spans.up_to(start, after=spans.begin(span)))
        parts = month.unionByName(inner.select(*month.columns)).withColumn("span", instant(span))
        store.replace(SPANS, _united(context, parts).drop("as_of"), as_of=span)


def _united(context: Context, parts: DataFrame) -> DataFrame:
    version = F.lit(context.store.versions_read["plays"]).cast("bigint")
    half_life = _half_life(context)
    lineage = {"half_life_days": F.lit(half_life), "plays_version": version}
    return features.transition_spans(parts, half_life_days=half_life).withColumns(lineage)


def _spans_of_months(context: Context, last: datetime) -> DataFrame:
    """One (month with plays, span up to ``last`` that holds it)."""
    months = sorted(months_with_plays(context))
    pairs = [(month, span) for month in months for span in spans.holding(month, last=last)]
    return context.spark.createDataFrame(pairs, "as_of timestamp, span timestamp")


def _is_ranked(context: Context, end: datetime) -> bool:
    store = context.store
    if not (are_noted(store) and store.has(BEST, as_of=end)):
        return False
    row = store.read(BEST, as_of=end).select("plays_version", "half_life_days").first()
    if row is None or row["half_life_days"] != _half_life(context):
        return False
    later = changes_since(store, row["plays_version"])
    return later.where(F.col("first_played_at") < instant(end)).isEmpty()


def _rank(context: Context, end: datetime) -> None:
    rows = _spans(context, spans.up_to(end))
    version = rows.agg(F.max("plays_version")).first()
    lineage = {
        "half_life_days": F.lit(_half_life(context)),
        "plays_version": F.lit(version[0] if version else None).cast("bigint"),
    }
    best = features.transitions(rows, valued_at=end, half_life_days=_half_life(context))
    context.store.replace(BEST, best.withColumns(lineage), as_of=end)


def _spans(context: Context, ends: Iterable[datetime]) -> DataFrame:
    return context.store.read(SPANS).where(F.col("as_of").isin([instant(end) for end in ends]))


def _half_life(context: Context) -> float:
    return context.settings.features.transition_half_life_days
