"""Record exposures and outcomes of published nights.

Exposures are what a night showed, outcomes what was later played of it.
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import between, instant
from ritornello.evaluation.off_policy import off_policy_precision
from ritornello.evaluation.outcomes import exposures, live_precision, outcomes
from ritornello.job import Context
from ritornello.night.publication.audit import Check, write_checks
from ritornello.night.publication.served import Served, lists_of
from ritornello.night.state.listened import plays_of_kind
from ritornello.settings.night import Limits
from ritornello.tables.contracts import CUTOFFS_SHOWN


def write_exposures(context: Context, as_of: datetime, version: int) -> None:
    """Write exposures: the first places of a night about to be served."""
    lists = lists_of(context.store, as_of, version=version)
    shown = exposures(lists, depth=context.settings.outcomes.depth)
    context.store.replace("exposures", shown, as_of=as_of)


def record_outcomes(context: Context, night: datetime, as_of: datetime) -> None:
    """Write a night's outcomes at the end of its horizon.

    Its live precision goes to `checks`.
    """
    store = context.store
    plays = between(plays_of_kind(context), night, as_of)
    shown = store.read("exposures", as_of=night).drop("as_of")
    results = outcomes(shown, plays)
    store.replace("outcomes", results.withColumn("night", instant(night)), as_of=as_of)
    figures = _figures_of(context, night, store.read("outcomes", as_of=as_of))
    checks = [Check(name, value, Limits()) for name, value in figures.items()]
    write_checks(context, as_of, checks, step="record_outcomes")


def _figures_of(context: Context, night: datetime, results: DataFrame) -> dict[str, float | None]:
    """Compute live precision, and that of other lists of the night.

    The other lists are judged by what was shown. ``ranked_…`` is of mixed, if some of the places shown
    were drawn at random. ``shadow_…`` is of the lists of a ranker in the shadow.
    """
    store = context.store
    cutoffs = [k for k in CUTOFFS_SHOWN if k <= context.settings.outcomes.depth]
    rows = [live_precision(results, cutoffs=cutoffs).drop("listeners")]
    targets: dict[str, DataFrame] = {}
    if not results.where(F.col("propensity").isNotNull()).isEmpty():
        targets["ranked"] = lists_of(store, night).where(F.col("list") == "mixed")
    if store.has("shadow_lists", as_of=night):
        targets["shadow"] = store.read("shadow_lists", as_of=night)
    rows += [
        off_policy_precision(results, target, cutoffs=cutoffs, name=name)
        for name, target in targets.items()
    ]
    figures = [row.first() for row in rows]
    return {name: value for row in figures if row for name, value in row.asDict().items()}


def shown_nights(changes: list[Served]) -> list[datetime]:
    """List the nights that were served and not rolled back, oldest first.

    ``changes`` are newest first.
    """
    shown: set[datetime] = set()
    oldest_first = changes[::-1]
    for nth, change in enumerate(oldest_first):
        if change.action == "rollback" and nth:
            shown.discard(oldest_first[nth - 1].as_of)
        shown.add(change.as_of)
    return sorted(shown)
