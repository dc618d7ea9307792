"""Findings from the results: the order of methods and their gains."""

from dataclasses import dataclass
from typing import Any

from ritornello.report.parts import Results
from ritornello.report.words import known

HEADLINE = "ndcg@40"


@dataclass(frozen=True)
class Gain:
    """One method's mean gain over another.

    The interval and the p-values are None where they were not measured.
    """

    gain: float
    gain_percent: float | None
    low: float | None
    high: float | None
    p_t: float | None
    p_t_bonferroni: float | None

    @property
    def p(self) -> float | None:
        """Return the t-test's corrected p, or else the plain one."""
        return self.p_t if self.p_t_bonferroni is None else self.p_t_bonferroni


def value(results: Results, method: str, metric: str = HEADLINE, target: str = "all") -> float:
    """Return a method's metric.

    A missing one is minus infinity, so that it sorts last.
    """
    number = known(results["methods"].get(method, {}).get(target, {}).get(metric))
    return float("-inf") if number is None else number


def best_first(results: Results, metric: str = HEADLINE, target: str = "all") -> list[str]:
    """Sort all methods by a metric, the best first.

    Equal ones are sorted by name.
    """
    return sorted(results["methods"], key=lambda m: (-value(results, m, metric, target), m))


def rival(results: Results) -> str | None:
    """Return the best baseline, the rival of the best method.

    It is one of ``baselines`` if those are named, otherwise any method that the best one was
    compared with. The best method is never its own rival. Without any comparison there is none.
    """
    best, *others = best_first(results)
    named = results.get("baselines")
    able = set(named) if named else {m for m in others if gain(results, best, m) is not None}
    return next((m for m in others if m in able), None)


def gain(
    results: Results, method: str, against: str, metric: str = HEADLINE, target: str = "all"
) -> Gain | None:
    """Return the comparison of two methods, in whichever direction it was made."""
    for row in results.get("gains") or ():
        if (row["metric"], row["target"]) != (metric, target):
            continue
        if (row["method"], row["against"]) == (method, against):
            return _read(row, 1)
        if (row["method"], row["against"]) == (against, method):
            return _read(row, -1)
    return None


def percent_over(results: Results, method: str, against: str, metric: str = HEADLINE) -> Any:
    """Return the gain over another method, in percent of that one.

    It is None if a value is missing or the other one is not above 0.
    """
    ours, theirs = value(results, method, metric), value(results, against, metric)
    missing = float("-inf") in (ours, theirs) or theirs <= 0
    return None if missing else 100 * (ours / theirs - 1)


def _read(row: dict[str, Any], sign: int) -> Gain:
    low, high = known(row.get("low")), known(row.get("high"))
    if sign < 0:
        low, high = (None if high is None else -high), (None if low is None else -low)
    return Gain(
        gain=sign * (known(row.get("gain")) or 0.0),
        gain_percent=known(row.get("gain_percent")) if sign > 0 else None,
        low=low,
        high=high,
        p_t=known(row.get("p_t")),
        p_t_bonferroni=known(row.get("p_t_bonferroni")),
    )
