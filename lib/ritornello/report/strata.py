"""The part on groups of listeners: for whom a method is better."""

from typing import Any

from ritornello.report import charts
from ritornello.report.findings import HEADLINE, best_first
from ritornello.report.parts import Part, Picture, Results, Table, legend
from ritornello.report.words import amount, known, plain, score, signed


def strata(results: Results) -> Part:
    """Draw gains within groups of listeners."""
    rows = results.get("strata") or []
    names = list(dict.fromkeys(row["stratum"] for row in rows))
    return Part(
        "strata",
        "Gain by group of listeners",
        "A dot is the mean gain in NDCG@40 within a group of listeners (their number stands in "
        "brackets), the line its 95 % interval; right of 0 is better than the baseline.",
        pictures=[_stratum(results, name, n) for n, name in enumerate(names)],
    )


def _stratum(results: Results, name: str, n: int) -> Picture:
    rows = [row for row in results["strata"] if row["stratum"] == name]
    listeners = {row["bin"]: row["listeners"] for row in rows}
    compared = {row["method"] for row in rows if known(row.get("gain")) is not None}
    shown = [method for method in best_first(results) if method in compared][:4]
    row_of = {(row["bin"], row["method"]): row for row in rows}
    series = [[_dot(row_of.get((b, method))) for b in listeners] for method in shown]
    bins = [f"{b} ({amount(listeners[b])})" for b in listeners]
    svg = charts.dots(f"stratum-{n}", bins, series, axis_name="gain in NDCG@40")
    better = sum(bool(dots) and _above(dots) for dots in zip(*series, strict=True))
    leader = shown[0] if shown else "no method"
    message = f"{leader} gains for certain in {better} of {len(bins)} groups."
    numbers = _stratum_numbers(rows)
    return Picture(f"stratum-{n}", plain(name), message, svg, legend(shown), numbers)


def _above(dots: tuple[tuple[float, float, float] | None, ...]) -> bool:
    return dots[0] is not None and dots[0][1] > 0


def _dot(row: dict[str, Any] | None) -> tuple[float, float, float] | None:
    middle = known((row or {}).get("gain"))
    if row is None or middle is None:
        return None
    low, high = known(row.get("low")), known(row.get("high"))
    return middle, middle if low is None else low, middle if high is None else high


def _stratum_numbers(rows: list[dict[str, Any]]) -> Table:
    return Table(
        "Numbers of this picture",
        ("Group and method", "Listeners", "NDCG@40", "Gain", "Low", "High"),
        [
            [
                f"{row['bin']}: {row['method']}",
                amount(row["listeners"]),
                score(row.get(HEADLINE)),
                *(signed(row.get(key)) for key in ("gain", "low", "high")),
            ]
            for row in rows
        ],
    )
