"""The statistics of a data set as pictures, from the result of ``pictures``."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SIZE_INCHES = (6.0, 3.6)


def drawn(data: Mapping[str, Any]) -> dict[str, Figure]:
    """Draw one figure per picture, by the picture's name.

    Without a play they are empty.
    """
    return {name: _figure(draw, data[name]) for name, draw in PICTURES.items()}


def _figure(draw: Callable[[Axes, Any], None], data: Any) -> Figure:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    draw(figure.subplots(), data)
    return figure


def _long_tail(axes: Axes, data: list[list[int]]) -> None:
    axes.plot([rank for rank, _ in data], [plays for _, plays in data])
    axes.set(xlabel="rank of the item", ylabel="plays", title="Long tail")
    _logarithmic(axes, bool(data), "both")


def _history_length(axes: Axes, data: list[dict[str, float]]) -> None:
    _histogram(axes, data)
    axes.set(xlabel="plays of a listener", ylabel="listeners", title="History length")


def _return_gap(axes: Axes, data: list[dict[str, float]]) -> None:
    _histogram(axes, data)
    axes.set(xlabel="hours to the next play of the same item", ylabel="returns", title="Returns")


def _histogram(axes: Axes, data: list[dict[str, float]]) -> None:
    edges = [one["from"] for one in data] + [one["to"] for one in data[-1:]]
    if data:
        axes.stairs([one["count"] for one in data], edges, fill=True)
    _logarithmic(axes, bool(data), "x")


def _rhythm(axes: Axes, data: list[list[int]]) -> None:
    picture = axes.imshow(data, aspect="auto")
    axes.figure.colorbar(picture, ax=axes, label="plays")
    axes.set_yticks(range(7), WEEKDAYS)
    axes.set(xlabel="hour of day, UTC", title="Plays by hour and weekday")


def _logarithmic(axes: Axes, has_data: bool, which: str) -> None:
    if has_data:
        axes.set_xscale("log")
        if which == "both":
            axes.set_yscale("log")


PICTURES: dict[str, Callable[[Axes, Any], None]] = {
    "long_tail": _long_tail,
    "history_length": _history_length,
    "return_gap": _return_gap,
    "rhythm": _rhythm,
}
