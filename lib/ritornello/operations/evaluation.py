"""evaluate: honest metrics of the published lists and of every baseline."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.table import Table

from ritornello.as_of import between, instant
from ritornello.errors import UsageError
from ritornello.evaluation.metrics import METRIC_COLUMNS, evaluate, means
from ritornello.evaluation.recall import candidate_recall
from ritornello.evaluation.significance import Comparison, compare
from ritornello.evaluation.truth import graded, played, truth
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.catalogue import NIGHTLY, RANKER
from ritornello.operations.listened import events_of_kind
from ritornello.operations.methods import lists_of_methods, missing_needs, open_day
from ritornello.operations.state import pair_rows

Horizon = float | str


def evaluate_night(context: Context, as_of: datetime) -> str:
    """Judge the lists as of an instant by what was played after it; returns the closing sentence."""
    store, horizon = context.store, context.settings.evaluation.horizon_days
    with context.step("evaluate", as_of):
        asked = test_truth(context, as_of, horizon=horizon).persist()
        methods = methods_that_can(context, [RANKER, *NIGHTLY], listeners=2)
        wanted = dict.fromkeys(methods, (None,))
        lists = lists_of_methods(open_day(context, as_of), wanted, length=100)
        write_evaluations(context, as_of, lists, asked, methods, horizon=horizon)
        evaluations = store.read("evaluations", as_of=as_of, horizon=horizon_name(horizon))
        candidates = store.read(
            "candidates", as_of=as_of
        )  # of a short night: of those it worked out
        recall = candidate_recall(candidates, asked.join(candidates, "user_id", "left_semi"))
        report = metrics_report(context, evaluations, recall, as_of)
        path = store.write_report(as_of, "metrics.json", json.dumps(report, indent=1))
        asked.unpersist()
    print_table(context, report)
    return f"metrics of {report['listeners']} listeners are in {path}"


def horizon_name(horizon: Horizon) -> str:
    """The horizon as it stands in `evaluations`."""
    return horizon if isinstance(horizon, str) else f"{horizon:g}d"


def methods_that_can(context: Context, names: Sequence[str], *, listeners: int) -> list[str]:
    """The names whose needs are met; says once of each other why it stays out."""
    missing = missing_needs(context, names, listeners=listeners)
    for name, why in missing.items():
        context.console.print(f"  {name} stays out: {why}", highlight=False)
    return [name for name in names if name not in missing]


def write_evaluations(
    context: Context,
    as_of: datetime,
    lists: DataFrame,
    asked: DataFrame,
    methods: list[str],
    *,
    horizon: Horizon,
) -> None:
    """Every listener's metrics by every method, for the test plays of one horizon."""
    if asked.isEmpty():
        raise UsageError(f"nothing was played after {iso(as_of)}: there is nothing to judge by")
    judged = evaluate(lists, asked, methods)
    context.store.replace("evaluations", judged, as_of=as_of, horizon=horizon_name(horizon))


def test_truth(context: Context, as_of: datetime, *, horizon: Horizon) -> DataFrame:
    """What came after the instant, within a horizon of days or to the end."""
    events = events_of_kind(context)
    if isinstance(horizon, str):
        later = events.where(F.col("played_at") >= instant(as_of))
    else:
        later = between(events, as_of, as_of + timedelta(days=horizon))
    wanted = graded(later) if context.settings.evaluation.gains == "graded" else played(later)
    return truth(wanted, pair_rows(context, as_of))


def metrics_report(
    context: Context, evaluations: DataFrame, recall: DataFrame | None, as_of: datetime
) -> dict[str, Any]:
    """What stands in metrics.json: means by method and target, recall, paired differences."""
    methods: dict[str, dict[str, dict[str, float]]] = {}
    listeners = 0
    for row in means(evaluations).orderBy("method", "target").collect():
        named = {_at(name): row[name] for name in METRIC_COLUMNS}
        methods.setdefault(row["method"], {})[row["target"]] = {
            **named,
            "listeners": row["listeners"],
        }
        listeners = max(listeners, row["listeners"])
    compared = compare(evaluations, method=RANKER) if RANKER in methods else []
    return {
        "as_of": iso(as_of),
        "horizon_days": context.settings.evaluation.horizon_days,
        "listeners": listeners,
        "methods": methods,
        "candidate_recall": _by_source(recall) if recall is not None else {},
        "ranker_against": {one.against: _told(one) for one in compared},
    }


def _at(name: str) -> str:
    metric, _, k = name.rpartition("_")
    return f"{metric}@{k}"


def _by_source(recall: DataFrame) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = {}
    for row in recall.orderBy("source", "target").collect():
        told.setdefault(row["source"], {})[row["target"]] = row["recall"]
    return told


def _told(one: Comparison) -> dict[str, float]:
    return {
        "gain_ndcg@40": one.gain,
        "standard_error": one.standard_error,
        "p_bonferroni": one.p_value,
    }


def print_table(context: Context, report: dict[str, Any]) -> None:
    """The table of a night, best NDCG@40 first."""
    table = Table(title=f"as of {report['as_of']}, {report['listeners']} listeners, NDCG")
    for title in ("method", "@5", "@10", "@40", "@100", "repeats @40", "new @40", "gain @40", "p"):
        table.add_column(title, justify="left" if title == "method" else "right")
    methods = report["methods"]
    for name in sorted(methods, key=lambda m: -methods[m]["all"]["ndcg@40"]):
        found = methods[name]
        against = report["ranker_against"].get(name)
        table.add_row(
            name,
            *(f"{found['all'][f'ndcg@{k}']:.4f}" for k in (5, 10, 40, 100)),
            *(
                f"{found.get(kind, {}).get('ndcg@40', float('nan')):.4f}"
                for kind in ("repeats", "new")
            ),
            *(
                (f"{against['gain_ndcg@40']:+.4f}", f"{against['p_bonferroni']:.2g}")
                if against
                else ("", "")
            ),
        )
    context.console.print(table)
    union = report["candidate_recall"].get("union")
    if union is None:
        return
    told = ", ".join(f"{kind} {value:.3f}" for kind, value in union.items() if value is not None)
    context.console.print(f"  recall of all candidates: {told}")
