"""Report the means of a night in metrics.json and on the console."""

from datetime import datetime
from typing import Any

from pyspark.sql import DataFrame
from rich.table import Table

from ritornello.evaluation.metrics import METRIC_COLUMNS, means
from ritornello.evaluation.significance import compare
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.definitions import RANKER


def metrics_report(
    context: Context, evaluations: DataFrame, recall: DataFrame | None, as_of: datetime
) -> dict[str, Any]:
    """Return means by method and target, and the candidate recall."""
    methods: dict[str, dict[str, dict[str, float]]] = {}
    listeners = 0
    for row in means(evaluations).orderBy("method", "target").collect():
        named = {_at(name): row[name] for name in METRIC_COLUMNS}
        methods.setdefault(row["method"], {})[row["target"]] = {
            **named,
            "listeners": row["listeners"],
        }
        listeners = max(listeners, row["listeners"])
    return {
        "as_of": iso(as_of),
        "horizon_days": context.settings.evaluation.horizon_days,
        "listeners": listeners,
        "methods": methods,
        "candidate_recall": _by_source(recall) if recall is not None else {},
    }


def _at(name: str) -> str:
    metric, _, k = name.rpartition("_")
    return f"{metric}@{k}"


def _by_source(recall: DataFrame) -> dict[str, dict[str, float]]:
    recalls: dict[str, dict[str, float]] = {}
    for row in recall.orderBy("source", "target").collect():
        recalls.setdefault(row["source"], {})[row["target"]] = row["recall"]
    return recalls


def ranker_against(evaluations: DataFrame) -> dict[str, dict[str, float]]:
    """Compare the ranker's NDCG@40 with every other method's, listener by listener."""
    return {
        one.against: {
            "gain_ndcg@40": one.gain,
            "standard_error": one.standard_error,
            "p_t_bonferroni": one.p_t_bonferroni,
            "comparisons": one.comparisons,
        }
        for one in compare(evaluations, method=RANKER)
    }


def print_table(context: Context, report: dict[str, Any]) -> None:
    """Print the table of a night or of a comparison, best NDCG@40 first."""
    ours, gains, comparisons = _paired(report)
    title = f"as of {report['as_of']}, {report['listeners']} listeners, NDCG"
    table = Table(title=f"{title}, gains of {ours}" if gains else title)
    if gains:
        table.caption = (
            f"gain @40: {ours} less the method of the row; p: paired t-test, times {comparisons} "
            "comparisons (Bonferroni)"
        )
    heads = (
        "method",
        "@5",
        "@10",
        "@40",
        "@100",
        "repeats @40",
        "new @40",
        "gain @40",
        "p (t-test)",
    )
    for head in heads:
        table.add_column(head, justify="left" if head == "method" else "right")
    methods = report["methods"]
    for name in sorted(methods, key=lambda m: -methods[m]["all"]["ndcg@40"]):
        means_of_method = methods[name]
        table.add_row(
            name,
            *(f"{means_of_method['all'][f'ndcg@{k}']:.4f}" for k in (5, 10, 40, 100)),
            *(
                f"{means_of_method.get(kind, {}).get('ndcg@40', float('nan')):.4f}"
                for kind in ("repeats", "new")
            ),
            *gains.get(name, ("", "")),
        )
    context.console.print(table)
    union = report["candidate_recall"].get("union")
    if union is None:
        return
    values = ", ".join(f"{kind} {value:.3f}" for kind, value in union.items() if value is not None)
    context.console.print(f"  recall of all candidates: {values}")


def _paired(report: dict[str, Any]) -> tuple[str, dict[str, tuple[str, str]], int]:
    """Return the method of the gains, gain and p by rival, and their number.

    A comparison of methods has its own; those of a night are the ranker's.
    """
    rows = [
        (row["method"], row["against"], row["gain"], row)
        for row in report.get("gains", ())
        if (row["metric"], row["target"]) == ("ndcg@40", "all")
    ] or [
        (RANKER, name, row["gain_ndcg@40"], row)
        for name, row in report.get("ranker_against", {}).items()
    ]
    gains = {
        against: (f"{gain:+.4f}", f"{row['p_t_bonferroni']:.2g}") for _, against, gain, row in rows
    }
    return (rows[0][0], gains, rows[0][3]["comparisons"]) if rows else ("", {}, 0)
