"""Measure staged lists and compare each figure with its limits."""

import statistics
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.code_version import code_version
from ritornello.job import Context
from ritornello.night.publication.measures import (
    age_days,
    ineligible,
    kept_share,
    list_quality,
    repeat_share,
    score_drift,
)
from ritornello.night.publication.passed import key_of, taken_back
from ritornello.night.publication.served import Served, lists_of
from ritornello.night.state.eligible import ineligible_pairs
from ritornello.night.state.listened import of_recordings
from ritornello.night.state.pairs import Choice, everyone, only, pair_rows
from ritornello.ranking.samples import sampled
from ritornello.settings.night import AT_LEAST, Limits

METRIC = "ndcg@40"
PAST_MODELS = 10


@dataclass(frozen=True)
class Check:
    """One figure of an audit with its limits.

    ``value`` is None if there was nothing to measure.
    """

    name: str
    value: float | None
    limits: Limits

    @property
    def outcome(self) -> str:
        if self.value is None:
            return "none"
        if self._beyond(self.limits.error):
            return "error"
        return "warn" if self._beyond(self.limits.warn) else "ok"

    def _beyond(self, limit: float | None) -> bool:
        if limit is None or self.value is None:
            return False
        return self.value < limit if self.name in AT_LEAST else self.value > limit

    def __str__(self) -> str:
        limit = self.limits.error if self.outcome == "error" else self.limits.warn
        return f"{self.name} is {self.value:.4g}, the limit {limit:g}"


@dataclass(frozen=True)
class Audit:
    """The figures of one night's lists."""

    listeners: int
    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.outcome == "error"]


def audit(
    context: Context, as_of: datetime, earlier: Served | None, *, shadow: str | None = None
) -> Audit:
    """Measure the staged lists, also against the night served before.

    ``shadow`` is the version of the ranker that is trained but does not serve yet.
    """
    store, limits = context.store, context.settings.audit
    lists = _by_recording(context, lists_of(store, as_of))
    quality = figures_of(list_quality(lists))
    listeners = int(quality["listeners"] or 0)
    with_plays = store.read("user_profile", as_of=as_of).select("user_id")
    number = with_plays.count()
    served = lists.where("list = 'mixed'").select("user_id").distinct()
    length = context.settings.recommend.length
    items = store.read("item_stats", as_of=as_of)
    values = {
        "coverage": _share(served.join(with_plays, "user_id", "left_semi").count(), number),
        "list_length": (quality["mean_length"] or 0.0) / length,
        "duplicates": quality["duplicates"],
        "disorder": quality["disorder"],
        "ineligible": _ineligible(context, as_of, lists, items, with_plays, number),
        **figures_of(age_days(items, as_of=as_of)),
        "offline_drop": offline_drop(context, as_of, shadow),
        **(_against(context, as_of, lists, earlier) if earlier else {}),
    }
    names = [name for name, limit in limits if isinstance(limit, Limits)]
    return Audit(
        listeners, [Check(name, values.get(name), getattr(limits, name)) for name in names]
    )


def _by_recording(context: Context, lists: DataFrame) -> DataFrame:
    """Replace tracks by recordings, because no list may hold a song twice."""
    if context.settings.item_kind != "track":
        return lists
    return of_recordings(context, lists, track="item_id")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ineligible(
    context: Context,
    as_of: datetime,
    lists: DataFrame,
    items: DataFrame,
    listeners: DataFrame,
    number: int,
) -> float | None:
    chosen = _some(context, lists, of=number)

    def of(rows: DataFrame) -> DataFrame:
        return _some(context, rows, of=number)

    theirs = pair_rows(context, as_of, of=of)
    barred = ineligible_pairs(context, chosen, as_of, of=of)
    return figures_of(ineligible(chosen, theirs, items, listeners, barred))["ineligible"]


def _against(
    context: Context, as_of: datetime, lists: DataFrame, earlier: Served
) -> dict[str, float | None]:
    """Compare the listeners who were due with the night served before.

    Lists that were carried over equal those of the night before, and would only blunt the gates.
    """
    settings = context.settings.audit
    before = lists_of(context.store, earlier.as_of, version=earlier.version)
    ranked = _ranked_tonight(context, as_of)
    some = [ranked(_some(context, rows, of=earlier.listeners)) for rows in (lists, before)]
    share, past = (figures_of(repeat_share(rows))["share"] for rows in some)
    return {
        **figures_of(kept_share(*some, depth=settings.depth)),
        **figures_of(score_drift(*some)),
        "repeat_shift": None if share is None or past is None else abs(share - past),
    }


def _ranked_tonight(context: Context, as_of: datetime) -> Choice:
    """Choose the listeners who were ranked tonight: those with candidates."""
    if not context.store.has("candidates", as_of=as_of):
        return everyone
    return only(context.store.read("candidates", as_of=as_of).select("user_id"))


def _some(context: Context, rows: DataFrame, *, of: int) -> DataFrame:
    settings = context.settings.audit
    share = min(1.0, settings.listeners / max(1, of))
    return rows if share == 1.0 else sampled(rows, share=share, seed=settings.seed)


def offline_drop(context: Context, as_of: datetime, shadow: str | None) -> float | None:
    """Compute how far the serving ranker's metric fell, as a share.

    It is compared with the median of the rankers before it.
    """
    known = context.store.read("models", model="ranker").where(F.col("as_of") <= F.lit(as_of))
    if shadow is not None:
        known = known.where(F.col("version") != shadow)
    newest = known.orderBy(F.desc("as_of"), "version").select("metrics").limit(PAST_MODELS + 1)
    figures = [_judged(row["metrics"]) for row in newest.collect()]
    past = [figure for figure in figures[1:] if figure is not None]
    if not past or figures[0] is None:
        return None
    usual = statistics.median(past)
    return (usual - figures[0]) / usual if usual else 0.0


def _judged(metrics: dict[str, float]) -> float | None:
    """Return a ranker's metric on its early-stopping day.

    None if that day had no listener to judge.
    """
    return None if metrics.get("listeners") == 0 else metrics.get(METRIC)


def figures_of(row: DataFrame) -> dict[str, float | None]:
    figures = row.first()
    return {} if figures is None else dict(figures.asDict())


def write_checks(context: Context, as_of: datetime, checks: list[Check], *, step: str) -> None:
    """Report the checks of a night.

    They become rows of `checks` and telemetry events; warnings and errors are also printed.
    """
    store, settings = context.store, context.settings
    rows = [
        (
            context.run_id,
            step,
            settings.item_kind,
            as_of,
            datetime.now(UTC),
            check.name,
            None if check.value is None else float(check.value),
            check.limits.warn,
            check.limits.error,
            check.outcome,
            dict(store.versions_read),
            settings.fingerprint(),
            code_version(),
        )
        for check in checks
    ]
    context.append_rows("checks", rows)
    for check in checks:
        context.telemetry.check(check.name, check.value, check.outcome)
        if check.outcome in ("warn", "error"):
            context.console.print(f"  audit: {check.outcome}: {check}", highlight=False)


def night_to_compare(context: Context, as_of: datetime, nights: list[Served]) -> Served | None:
    """Return the newest night published before this one, or None.

    Compare only with a night within the last `audit.compare_days` days that was not taken back.
    """
    near = as_of - timedelta(days=context.settings.audit.compare_days)
    back = taken_back(nights)
    earlier = [one for one in nights if near <= one.as_of < as_of and key_of(one) not in back]
    return max(earlier, key=lambda night: (night.as_of, night.sequence), default=None)
