"""The parts on accuracy: the table of methods, curves over k, targets."""

from typing import Any

from ritornello.report import charts
from ritornello.report.findings import HEADLINE, best_first, value
from ritornello.report.parts import Cell, Part, Picture, Results, Table, legend
from ritornello.report.words import (
    TARGET_NAMES,
    amount,
    known,
    metric_name,
    percent,
    plain,
    probability,
    score,
    signed,
)
from ritornello.tables.contracts import CUTOFFS, METRICS, TARGETS

P_VALUES = {
    "p_t": "p, t-test",
    "p_t_bonferroni": "p, t-test, Bonferroni",
    "p_wilcoxon_bonferroni": "p, Wilcoxon, Bonferroni",
}
SHOWN = 6  # series with a colour of their own
ROWS = 12  # methods in a picture of bars


def methods(results: Results) -> Part:
    """Show every metric of every method, and the paired comparisons."""
    left_out = results.get("left_out") or {}
    return Part(
        "methods",
        "Methods",
        "A row is a method, best NDCG@40 first; higher is better in every column, and the best of "
        "a column is bold.",
        sentences=[f"Left out: {name} ({reason})." for name, reason in left_out.items()],
        tables=[
            *(_metrics(results, target) for target in TARGETS if _judged(results, target)),
            *_gains(results.get("gains")),
        ],
    )


def _judged(results: Results, target: str) -> bool:
    return any(target in by_target for by_target in results["methods"].values())


def _metrics(results: Results, target: str) -> Table:
    intervals = (results.get("intervals") or {}) if target == "all" else {}
    keys = [f"{metric}@{k}" for metric in reversed(METRICS) for k in CUTOFFS]
    best = {key: _top(results, key, target) for key in keys}
    rows: list[list[str | Cell]] = []
    for method in best_first(results, HEADLINE, target):
        by_metric = results["methods"][method].get(target, {})
        cells = [
            Cell(score(by_metric.get(key)), score(by_metric.get(key)) == best[key]) for key in keys
        ]
        if intervals:
            cells.insert(len(CUTOFFS), Cell(_interval(intervals.get(method))))
        rows.append([method, *cells])
    heads = [f"@{k}" for _ in METRICS for k in CUTOFFS]
    if intervals:
        heads.insert(len(CUTOFFS), "@40, 95 % interval")
    spans = {metric: len(CUTOFFS) for metric in reversed(METRICS)}
    spans["ndcg"] += bool(intervals)
    listeners = max(f.get(target, {}).get("listeners", 0) for f in results["methods"].values())
    return Table(
        f"Target: {TARGET_NAMES[target]} ({amount(listeners)} listeners)",
        ["Method", *heads],
        rows,
        groups=[("", 1), *((metric_name(metric), span) for metric, span in spans.items())],
        folded=target != "all",
    )


def _top(results: Results, key: str, target: str) -> str | None:
    highest = max(value(results, method, key, target) for method in results["methods"])
    return None if highest == float("-inf") else score(highest)


def _interval(by_metric: dict[str, Any] | None) -> str:
    bounds = (by_metric or {}).get(HEADLINE)
    return f"{score(bounds[0])} to {score(bounds[1])}" if bounds else score(None)


def _gains(gains: list[dict[str, Any]] | None) -> list[Table]:
    if not gains:
        return []
    rows = [
        [
            f"{row['method']} over {row['against']}",
            f"{metric_name(row['metric'])}, {TARGET_NAMES.get(row['target'], row['target'])}",
            signed(row.get("gain")),
            percent(row.get("gain_percent")),
            f"{signed(row.get('low'))} to {signed(row.get('high'))}",
            *(probability(row.get(p)) for p in P_VALUES),
        ]
        for row in gains
    ]
    heads = ("Comparison", "Metric", "Gain", "In percent", "95 % interval", *P_VALUES.values())
    times = known(gains[0].get("comparisons"))
    corrected = f"; Bonferroni: p times {times:,.0f} comparisons" if times else ""
    return [Table(f"Paired comparisons, listener by listener{corrected}", heads, rows, folded=True)]


def curves(results: Results) -> Part:
    """Draw NDCG and recall over the length of the list."""
    return Part(
        "curves",
        "Metrics over the length of the list",
        "A line is a method, a place on the axis is the length at which the list is cut; the "
        f"best {SHOWN} by NDCG@40 have colours, the others are thin, and far weaker ones lie below the "
        "picture; the axis does not start at 0.",
        pictures=[_curve(results, metric) for metric in ("ndcg", "recall")],
    )


def _curve(results: Results, metric: str) -> Picture:
    order = best_first(results)
    shown, others = order[:SHOWN], order[SHOWN:]

    def line(method: str) -> charts.Line:
        by_metric = results["methods"][method].get("all", {})
        return range(len(CUTOFFS)), [known(by_metric.get(f"{metric}@{k}")) for k in CUTOFFS]

    svg = charts.lines(
        f"curve-{metric}",
        [line(method) for method in shown],
        [line(method) for method in others],
        axes_names=("length of the list", metric_name(metric)),
        ticks=[str(k) for k in CUTOFFS],
    )
    first, last = (score(line(shown[0])[1][at]) for at in (0, -1))
    title = f"{plain(metric_name(metric))} at {', '.join(map(str, CUTOFFS))}, all tracks"
    message = (
        f"{shown[0]} goes from {first} at {CUTOFFS[0]} places to {last} at {CUTOFFS[-1]} places."
    )
    return Picture(f"curve-{metric}", title, message, svg, legend(shown, bool(others)))


def targets(results: Results) -> Part:
    """Draw NDCG@40 for all tracks, repeats and new tracks, side by side."""
    order = best_first(results)
    rows = [
        (method, [known(results["methods"][method].get(t, {}).get(HEADLINE)) for t in TARGETS])
        for method in order[:ROWS]
    ]
    picture = Picture(
        "targets",
        "NDCG@40 by target" + (f", the best {ROWS} methods" if len(order) > ROWS else ""),
        " ".join(
            _best_of_target(results, target) for target in TARGETS if _judged(results, target)
        ),
        charts.named_bars("targets", rows, score),
        legend([TARGET_NAMES[target] for target in TARGETS]),
    )
    return Part(
        "targets",
        "All, repeats and new tracks",
        "Each method has three bars: judged by all later plays, only by tracks the listener had "
        "played before, and only by tracks the listener had never played.",
        pictures=[picture],
    )


def _best_of_target(results: Results, target: str) -> str:
    best = best_first(results, HEADLINE, target)[0]
    return (
        f"Best for {TARGET_NAMES[target]}: {best} ({score(value(results, best, target=target))})."
    )
