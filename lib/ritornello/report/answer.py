"""The first and last parts of the page: answer, protocol and settings."""

from collections.abc import Iterator
from typing import Any

from ritornello.report.findings import HEADLINE, Gain, best_first, gain, percent_over, rival, value
from ritornello.report.parts import Part, Results, Table
from ritornello.report.words import amount, percent, plain, probability, score, signed


def answer(results: Results) -> Part:
    """Answer the question of the comparison.

    The answer is the best method and its gain over its rival.
    """
    best = best_first(results)[0]
    count = len(results["methods"])
    opening = (
        f"Of {count} methods {best} is the best: its NDCG@40 is {score(value(results, best))}."
    )
    return Part(
        "answer",
        "Question and answer",
        f"The question: which method foresees best what a listener will play {_span(results)}? "
        "NDCG@40 is 1 for a list whose first places hold all that was played, and 0 for a list "
        "that holds none of it.",
        sentences=[opening, *_over_rival(results, best)],
        facts=[
            ("as of", amount(results["as_of"])),
            ("listeners", amount(results["listeners"])),
            ("methods", amount(count)),
            ("judged by plays", _span(results)),
        ],
    )


def protocol(results: Results) -> Part:
    """List the rules of the run."""
    return Part(
        "protocol",
        "Protocol",
        "Two runs can be compared only where all of these lines are equal.",
        tables=_listing("The rules of this run", results.get("protocol"), "rule"),
    )


def settings(results: Results) -> Part:
    """List settings, seeds and versions."""
    titles = {"settings": "Settings", "seeds": "Seeds", "versions": "Versions"}
    return Part(
        "settings",
        "Settings of the run",
        "With the same plays, settings, seeds and versions the same figures come out again.",
        tables=[
            table
            for key, title in titles.items()
            for table in _listing(title, results.get(key), key.removesuffix("s"), folded=True)
        ],
    )


def _span(results: Results) -> str:
    horizon = results.get("horizon_days")
    if horizon is None:
        return "afterwards"
    if isinstance(horizon, str):
        return "until the last known play"
    return f"in the next {amount(horizon)} days"


def _over_rival(results: Results, best: str) -> list[str]:
    against = rival(results)
    comparison = gain(results, best, against) if against else None
    if against is None or comparison is None:
        return ["It was not compared with a baseline, listener by listener, in this run."]
    share = comparison.gain_percent
    share = percent_over(results, best, against, HEADLINE) if share is None else share
    return [
        f"It gains {signed(comparison.gain)} ({percent(share)}) over the best baseline, {against}"
        f"{_interval(comparison)}.",
        _verdict(comparison),
    ]


def _interval(comparison: Gain) -> str:
    if comparison.low is None or comparison.high is None:
        return ""
    return f"; the 95 % interval goes from {signed(comparison.low)} to {signed(comparison.high)}"


def _verdict(comparison: Gain) -> str:
    if comparison.p is None:
        return "Whether this is more than chance was not tested."
    test = "t-test, " + ("not corrected" if comparison.p_t_bonferroni is None else "Bonferroni")
    verdict = (
        "Chance alone does not explain it"
        if comparison.p < 0.05
        else "Chance alone could explain it"
    )
    p = probability(comparison.p)
    return f"{verdict} (p {p if p.startswith('<') else '= ' + p}; paired {test})."


def _listing(
    caption: str, values: dict[str, Any] | None, key: str, *, folded: bool = False
) -> list[Table]:
    if not values:
        return []
    rows = [(name, amount(value)) for name, value in _flat(values)]
    return [Table(caption, (plain(key), "Value"), rows, words=True, folded=folded)]


def _flat(values: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield names with plain values, nested names joined by dots.

    The value of an empty mapping is None.
    """
    for name, item in values.items():
        if isinstance(item, dict) and item:
            yield from _flat(item, f"{before}{name}.")
        else:
            yield f"{before}{name}", None if item == {} else item
