"""Evaluate the published lists and every baseline by the same metrics."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import between, instant
from ritornello.errors import UsageError
from ritornello.evaluation.metrics import evaluate
from ritornello.evaluation.recall import candidate_recall
from ritornello.evaluation.truth import graded, played, truth
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.definitions import NIGHTLY, RANKER
from ritornello.night.judging.day import open_day
from ritornello.night.judging.lists import lists_of_methods, missing_needs
from ritornello.night.judging.metrics_report import metrics_report, print_table, ranker_against
from ritornello.night.state.listened import events_of_kind
from ritornello.night.state.pairs import pair_rows
from ritornello.tables.reports import write_report

Horizon = float | str


def evaluate_night(context: Context, as_of: datetime) -> dict[str, Any]:
    """Judge the lists as of an instant by the plays after it.

    Returns the report. Its ``path`` is the address of metrics.json.
    """
    store, horizon = context.store, context.settings.evaluation.horizon_days
    targets = test_truth(context, as_of, horizon=horizon).persist()
    methods = methods_that_can(context, [RANKER, *NIGHTLY], listeners=2)
    options = dict.fromkeys(methods, (None,))
    lists = lists_of_methods(open_day(context, as_of), options, length=100)
    write_evaluations(context, as_of, lists, targets, methods, horizon=horizon)
    evaluations = store.read("evaluations", as_of=as_of, horizon=horizon_name(horizon))
    candidates = store.read("candidates", as_of=as_of)
    recall = candidate_recall(candidates, _not_carried(context, as_of, targets, candidates))
    report = metrics_report(context, evaluations, recall, as_of)
    report["ranker_against"] = ranker_against(evaluations)
    path = write_report(store, as_of, "metrics.json", json.dumps(report, indent=1))
    targets.unpersist()
    return {**report, "path": path}


def _not_carried(
    context: Context, as_of: datetime, targets: DataFrame, candidates: DataFrame
) -> DataFrame:
    """Leave out the listeners whose lists were carried over.

    They had no candidates.

    Whoever has neither candidates nor lists stays and counts 0, as in the metrics.
    """
    listed = context.store.read("recommendations", as_of=as_of).select("user_id").distinct()
    carried = listed.join(candidates, "user_id", "left_anti")
    return targets.join(carried, "user_id", "left_anti")


def print_report(context: Context, report: dict[str, Any]) -> str:
    """Print the table of a judged night and return the closing sentence."""
    print_table(context, report)
    context.results["report"] = report
    return f"metrics of {report['listeners']} listeners are in {report['path']}"


def horizon_name(horizon: Horizon) -> str:
    """Return the horizon as it is written in `evaluations`."""
    return horizon if isinstance(horizon, str) else f"{horizon:g}d"


def methods_that_can(context: Context, names: Sequence[str], *, listeners: int) -> list[str]:
    """Return the methods whose needs are met.

    Prints for each of the others why it is left out.
    """
    missing = missing_needs(context, names, listeners=listeners)
    for name, why in missing.items():
        context.console.print(f"  {name} stays out: {why}", highlight=False)
    return [name for name in names if name not in missing]


def write_evaluations(
    context: Context,
    as_of: datetime,
    lists: DataFrame,
    targets: DataFrame,
    methods: list[str],
    *,
    horizon: Horizon,
) -> None:
    """Write every listener's metrics by every method for one horizon."""
    if targets.isEmpty():
        raise UsageError(
            f"nothing was played after {iso(as_of)}: choose an earlier instant to judge"
        )
    judged = evaluate(lists, targets, methods)
    context.store.replace("evaluations", judged, as_of=as_of, horizon=horizon_name(horizon))


def test_truth(context: Context, as_of: datetime, *, horizon: Horizon) -> DataFrame:
    """Collect the test plays after the instant.

    They lie within a horizon of days, or reach to the end of the log if the horizon is a word.
    """
    events = events_of_kind(context)
    if isinstance(horizon, str):
        later = events.where(F.col("played_at") >= instant(as_of))
    else:
        later = between(events, as_of, as_of + timedelta(days=horizon))
    tested = graded(later) if context.settings.evaluation.gains == "graded" else played(later)
    return truth(tested, pair_rows(context, as_of))
