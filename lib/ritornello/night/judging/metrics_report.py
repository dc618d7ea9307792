"""Report the means of a night in metrics.json and on the console."""

from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame
from rich.table import Table

from ritornello.evaluation.metrics import METRIC_COLUMNS, means
from ritornello.evaluation.significance import Comparison, compare
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.definitions import RANKER


def metrics_report(
    context: Context, evaluations: DataFrame, recall: DataFrame | None, as_of: datetime
) -> dict[str, Any]:
    """Build the content of metrics.json.

    It has means by method and target, candidate recall, and paired differences from the ranker.
    """
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
        "ranker_against": {one.against: _figures(one) for one in compared},
    }


def _at(name: str) -> str:
    metric, _, k = name.rpartition("_")
    return f"{metric}@{k}"


def _by_source(recall: DataFrame) -> dict[str, dict[str, float]]:
    recalls: dict[str, dict[str, float]] = {}
    for row in recall.orderBy("source", "target").collect():
        recalls.setdefault(row["source"], {})[row["target"]] = row["recall"]
    return recalls


def _figures(one: Comparison) -> dict[str, float]:
    return {
        "gain_ndcg@40": one.gain,
        "standard_error": one.standard_error,
        "p_bonferroni": one.p_value,
    }


def print_table(context: Context, report: dict[str, Any]) -> None:
    """Print the table of a night, best NDCG@40 first."""
    table = Table(title=f"as of {report['as_of']}, {report['listeners']} listeners, NDCG")
    for title in ("method", "@5", "@10", "@40", "@100", "repeats @40", "new @40", "gain @40", "p"):
        table.add_column(title, justify="left" if title == "method" else "right")
    methods = report["methods"]
    for name in sorted(methods, key=lambda m: -methods[m]["all"]["ndcg@40"]):
        means_of_method = methods[name]
        against = report["ranker_against"].get(name)
        table.add_row(
            name,
            *(f"{means_of_method['all'][f'ndcg@{k}']:.4f}" for k in (5, 10, 40, 100)),
            *(
                f"{means_of_method.get(kind, {}).get('ndcg@40', float('nan')):.4f}"
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
    values = ", ".join(f"{kind} {value:.3f}" for kind, value in union.items() if value is not None)
    context.console.print(f"  recall of all candidates: {values}")
