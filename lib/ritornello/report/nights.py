"""The page of the nights: live precision, audits and run times.

``results`` has ``nights``, oldest first, each with ``as_of``, ``served`` (whether readers get it
now), ``listeners``, ``seconds``, ``rows``, ``checks`` (name: value and outcome, of the audit),
``live`` (name: value, known a horizon later) and ``shadow`` (the version in its shadow, if there
was one).
"""

from collections.abc import Sequence
from typing import Any

from ritornello.report import charts
from ritornello.report.page import page_html
from ritornello.report.parts import Part, Picture, Results, Table, legend
from ritornello.report.words import NOTHING, amount, known, plain, score
from ritornello.tables.contracts import CUTOFFS_SHOWN

Night = dict[str, Any]
SHARES = ("coverage", "list_length", "stability")
TICKS = 6
OTHERS = {"live": "shown", "ranked": "mixed, without the drawn places", "shadow": "in the shadow"}


def nights_html(results: Results) -> str:
    """Write the page of the nights as one HTML file.

    Equal results give an equal file.
    """
    parts = (_nights, _live, _audits, _cost)
    return page_html("Nights", [part(results["nights"]) for part in parts])


def night_rows(nights: Sequence[Night]) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return heads and rows of the table of nights, newest first."""
    heads = ("Night", "Served", "Listeners", "Live @10", "Stability", "Audit", "Shadow", "Minutes")
    rows = [
        [
            night["as_of"],
            "now" if night["served"] else "",
            amount(night["listeners"]),
            score(night["live"].get("live_precision_10")),
            score(_check(night, "stability")),
            audit_in_words(night),
            night["shadow"] or "",
            f"{night['seconds'] / 60:.1f}",
        ]
        for night in reversed(nights)
    ]
    return heads, rows


def audit_in_words(night: Night) -> str:
    """Name the checks that warned or failed.

    The text is ok if none did, and a dash if there were no checks.
    """
    beyond = [
        f"{name} {outcome}"
        for name, (_, outcome) in night["checks"].items()
        if outcome in ("warn", "error")
    ]
    return ", ".join(beyond) or ("ok" if night["checks"] else NOTHING)


def _nights(nights: Sequence[Night]) -> Part:
    heads, rows = night_rows(nights)
    return Part(
        "nights",
        "Night by night",
        "A row is a night that was published; live precision is the share of a list's first ten "
        "places that were played in time, by those who listened.",
        tables=[Table("Published nights, newest first", heads, rows)],
    )


def _live(nights: Sequence[Night]) -> Part:
    depth = max(CUTOFFS_SHOWN)
    by_place = {
        f"@{k}": [known(n["live"].get(f"live_precision_{k}")) for n in nights]
        for k in CUTOFFS_SHOWN
    }
    by_list = {
        label: [known(n["live"].get(f"{name}_precision_{depth}")) for n in nights]
        for name, label in OTHERS.items()
    }
    title = f"Precision at {depth} of lists that were not shown"
    others = _picture("other-lists", title, nights, by_list, up="precision")
    shown = _picture("live-precision", "Live precision by night", nights, by_place, up="precision")
    return Part(
        "live",
        "What was played of what was shown",
        "A line is a cutoff or a list, a place on the axis is a night; the newest nights are not known "
        "yet, and what was not shown is judged by the places that were drawn by chance.",
        pictures=[*shown, *(others if len(_measured(by_list)) > 1 else [])],
    )


def _audits(nights: Sequence[Night]) -> Part:
    series = {plain(name): [_check(n, name) for n in nights] for name in SHARES}
    return Part(
        "audits",
        "The audits",
        "Coverage is the share of listeners with a list, list length the mean length as a share of "
        "the whole, stability the share of the night before's first places that are there again.",
        pictures=_picture(
            "audits", "Coverage, length and stability by night", nights, series, up="share"
        ),
    )


def _cost(nights: Sequence[Night]) -> Part:
    series = {"minutes": [night["seconds"] / 60 for night in nights]}
    return Part(
        "cost",
        "What the nights took",
        "Minutes of all steps of a night, those that were run again counted each time.",
        pictures=_picture("minutes", "Minutes by night", nights, series, up="minutes"),
    )


def _picture(
    name: str,
    title: str,
    nights: Sequence[Night],
    series: dict[str, list[float | None]],
    *,
    up: str,
) -> list[Picture]:
    """Draw a line for each series that was measured at least once.

    If none was, there is no picture.
    """
    shown = _measured(series)
    if not shown:
        return []
    every = -(-len(nights) // TICKS)
    days = [night["as_of"][:10] for night in nights]
    ticks = [day[5:] if at % every == 0 else "" for at, day in enumerate(days)]
    lines = [(range(len(nights)), values) for values in shown.values()]
    svg = charts.lines(name, lines, axes_names=("night", up), ticks=ticks)
    rows = [[day, *(score(values[at]) for values in shown.values())] for at, day in enumerate(days)]
    numbers = Table("Numbers of this picture", ("Night", *shown), rows)
    return [Picture(name, title, _message(days, shown), svg, legend(list(shown)), numbers)]


def _measured(series: dict[str, list[float | None]]) -> dict[str, list[float | None]]:
    return {name: values for name, values in series.items() if any(v is not None for v in values)}


def _message(days: Sequence[str], series: dict[str, list[float | None]]) -> str:
    name, values = next(iter(series.items()))
    points = [(day, v) for day, v in zip(days, values, strict=True) if v is not None]
    (first, start), (last, end) = points[0], points[-1]
    if first == last:
        return f"{plain(name)} is {score(end)} on {last}, the only night that is known."
    return f"{plain(name)} goes from {score(start)} on {first} to {score(end)} on {last}."


def _check(night: Night, name: str) -> float | None:
    return known(night["checks"].get(name, (None, ""))[0])
