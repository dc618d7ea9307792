"""The first and the last part of the page: question and answer, protocol, settings."""

from collections.abc import Iterator
from typing import Any

from ritornello.report.findings import HEADLINE, Gain, best_first, gain, percent_over, rival, value
from ritornello.report.parts import Part, Results, Table
from ritornello.report.words import amount, percent, plain, probability, score, signed


def answer(results: Results) -> Part:
    """The question of the comparison, the best method and its gain over its rival."""
    best = best_first(results)[0]
    counted = len(results["methods"])
    opening = (
        f"Of {counted} methods {best} is the best: its NDCG@40 is {score(value(results, best))}."
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
            ("methods", amount(counted)),
            ("judged by plays", _span(results)),
        ],
    )


def protocol(results: Results) -> Part:
    """The rules of the run."""
    return Part(
        "protocol",
        "Protocol",
        "Two runs can be compared only where all of these lines are equal.",
        tables=_listing("The rules of this run", results.get("protocol"), "rule"),
    )


def settings(results: Results) -> Part:
    """Settings, seeds and versions."""
    titles = {"settings": "Settings", "seeds": "Seeds", "versions": "Versions"}
    return Part(
        "settings",
        "Settings of the run",
        "With the same plays, settings, seeds and versions the same figures come out again.",
        tables=[
            table
            for key, title in titles.items()
            for table in _listing(title, results.get(key), key.removesuffix("s"))
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
    found = gain(results, best, against) if against else None
    if against is None or found is None:
        return ["It was not compared with a baseline, listener by listener, in this run."]
    share = found.gain_percent
    share = percent_over(results, best, against, HEADLINE) if share is None else share
    return [
        f"It gains {signed(found.gain)} ({percent(share)}) over the best baseline, {against}"
        f"{_interval(found)}.",
        _verdict(found),
    ]


def _interval(found: Gain) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"; the 95 % interval goes from {signed(found.low)} to {signed(found.high)}"


def _verdict(found: Gain) -> str:
    if found.p is None:
        return "Whether this is more than chance was not tested."
    corrected = (
        ", corrected for the number of comparisons" if found.p_bonferroni is not None else ""
    )
    told = "Chance alone does not explain it" if found.p < 0.05 else "Chance alone could explain it"
    p_value = probability(found.p)
    return f"{told} (p {p_value if p_value.startswith('<') else '= ' + p_value}{corrected})."


def _listing(caption: str, values: dict[str, Any] | None, key: str) -> list[Table]:
    if not values:
        return []
    rows = [(name, amount(value)) for name, value in _flat(values)]
    return [Table(caption, (plain(key), "Value"), rows, words=True)]


def _flat(values: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Names with plain values; what is nested gets its way before its name, with dots."""
    for name, told in values.items():
        if isinstance(told, dict) and told:
            yield from _flat(told, f"{before}{name}.")
        else:
            yield f"{before}{name}", None if told == {} else told
