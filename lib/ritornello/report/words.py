"""The wording of numbers, names and spans of time in the report."""

from math import isfinite
from typing import Any

NOTHING, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
METRIC_NAMES = {
    "precision": "precision",
    "recall": "recall",
    "recall_capped": "capped recall",
    "map": "MAP",
    "ndcg": "NDCG",
    "coverage": "coverage",
    "gini": "Gini index",
    "novelty": "novelty",
    "personalised_novelty": "personalised novelty",
    "repeat_share": "share of repeats",
    "artists": "artists",
    "popularity_lift_mainstream": "popularity lift, mainstream",
    "popularity_lift_niche": "popularity lift, niche",
    "genre_calibration": "genre calibration",
}
UNITS = (("year", 8766), ("day", 24), ("hour", 1), ("minute", 1 / 60))
SHORT = {"year": "y", "day": "d", "hour": "h", "minute": "min"}
TARGET_NAMES = {"all": "all tracks", "repeats": "repeats", "new": "new tracks"}


def known(value: Any) -> float | None:
    """Return the number, or None if it is missing or not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def score(value: Any) -> str:
    """Write a metric between 0 and 1 with four places."""
    number = known(value)
    return NOTHING if number is None else f"{number:.4f}"


def signed(value: Any) -> str:
    """Write a gain with its sign."""
    number = known(value)
    return NOTHING if number is None else f"{number:+.4f}".replace("-", MINUS)


def percent(value: Any) -> str:
    """Write a gain that is already in percent, with its sign."""
    number = known(value)
    return NOTHING if number is None else f"{number:+.1f} %".replace("-", MINUS)


def probability(value: Any) -> str:
    """Write a p-value, or that it is smaller than .001."""
    number = known(value)
    if number is None:
        return NOTHING
    return "< 0.001" if number < 0.001 else f"{number:.3f}"


def amount(value: Any) -> str:
    """Write any plain value.

    Counts have separators, other numbers four figures, and the rest stays as it is.
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(amount, value)) or NOTHING
    if not isinstance(value, int | float):
        return str(value)
    if not isfinite(value):
        return NOTHING
    if isinstance(value, int) or (abs(value) >= 1000 and abs(value) < 1e15):
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{value:.4g}".replace("-", MINUS)


def edge(value: Any) -> str:
    """Write the end of a bin with three figures."""
    number = known(value)
    return NOTHING if number is None else amount(float(f"{number:.3g}"))


def hours(value: Any) -> str:
    """Write a span of hours with a short unit.

    The unit is the largest that leaves a number of at least one.
    """
    number = known(value)
    if number is None:
        return ""
    words = span(number).split()
    return f"{words[0]} {SHORT[words[1].removesuffix('s')]}" if number else "0"


def span(value: Any) -> str:
    """Write a span of hours in words."""
    number = known(value) or 0.0
    unit, size = next((unit for unit in UNITS if number >= unit[1]), UNITS[-1])
    text = f"{number / size:.3g}"
    return f"{text} {unit if text == '1' else unit + 's'}"


def metric_name(metric: str) -> str:
    """Write a metric as a reader knows it: ``ndcg@40`` becomes NDCG@40."""
    name, at, cutoff = metric.partition("@")
    return METRIC_NAMES.get(name, name.replace("_", " ")) + at + cutoff


def plain(key: str) -> str:
    """Write a key as words, with a capital."""
    words = key.replace("_", " ")
    return words[:1].upper() + words[1:]
