"""The kinds of charts in the report.

Colours and sizes come from `ink`.
"""

from collections.abc import Callable, Sequence
from math import nan

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from ritornello.report.ink import INK, MARKERS, MUTED, PAGE, SERIES, WIDTH, drawn
from ritornello.report.words import amount

NAME, BAR, GAP = 15, 12, 8  # heights in units
Line = tuple[Sequence[float], Sequence[float | None]]


def lines(
    name: str,
    series: Sequence[Line],
    muted: Sequence[Line] = (),
    *,
    axes_names: tuple[str, str],
    ticks: Sequence[str],
) -> Markup:
    """Draw a line with marks for each series over evenly spaced places.

    ``ticks`` names the places.
    """

    def draw(axes: Axes) -> None:
        for xs, ys in muted:
            axes.plot(xs, _drawable(ys), color=MUTED, linewidth=1, alpha=0.55)
        for n, (xs, ys) in enumerate(series):
            axes.plot(xs, _drawable(ys), color=SERIES[n], marker=MARKERS[n], markeredgecolor=PAGE)
        axes.set_xticks(range(len(ticks)), ticks)
        axes.set_ylim(*_around([y for _, ys in series for y in ys if y is not None]))
        axes.yaxis.set_major_locator(MaxNLocator(6))
        _named(axes, *axes_names)

    return drawn(name, draw, height=235)


def curve(
    name: str, xs: Sequence[float], ys: Sequence[float], *, axes_names: tuple[str, str]
) -> Markup:
    """Draw one line on two logarithmic axes."""

    def draw(axes: Axes) -> None:
        axes.plot(xs, ys, color=SERIES[0])
        logarithmic(axes.xaxis, axes.set_xscale)
        logarithmic(axes.yaxis, axes.set_yscale)
        _named(axes, *axes_names)

    return drawn(name, draw, height=215)


def bins(
    name: str, counts: Sequence[float], edges: Sequence[str], *, axes_names: tuple[str, str]
) -> Markup:
    """Draw bars of equal width side by side.

    Every edge between them may be named.
    """

    def draw(axes: Axes) -> None:
        places = [place + 0.5 for place in range(len(counts))]
        axes.bar(places, counts, width=0.92, color=SERIES[0])
        step = -(-len(edges) // 7)
        axes.set_xticks(range(0, len(edges), step), edges[::step])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: amount(y)))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.grid(False, axis="x")
        _named(axes, *axes_names)

    return drawn(name, draw, height=215)


def named_bars(
    name: str,
    rows: Sequence[tuple[str, Sequence[float | None]]],
    label: Callable[[float], str],
) -> Markup:
    """Draw a bar for each series under each row's name.

    ``label`` writes the value at the end of a bar.
    """
    most = max((v for _, values in rows for v in values if v is not None), default=0) or 1
    step = NAME + GAP + BAR * max(len(values) for _, values in rows)
    unit = (WIDTH - 62) / most

    def draw(axes: Axes) -> None:
        for at, (title, values) in enumerate(rows):
            top = at * step
            axes.text(0, top + 11, title, va="baseline", color=INK)
            for n, number in enumerate(values):
                middle = top + NAME + BAR * n + BAR / 2
                length = unit * max(number or 0, 0)
                axes.barh(middle, length, height=BAR - 3, color=SERIES[n])
                end = "not measured" if number is None else label(number)
                axes.text(length + 4, middle + 3.5, end, va="baseline", fontsize=9.5)

    return drawn(name, draw, height=step * len(rows), free=True)


def heat(name: str, rows: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """Draw a row of 24 cells for each name, stronger for larger values."""
    most = max((v for _, values in rows for v in values), default=0) or 1
    left, side, high = 34, (WIDTH - 34) / 24, 17

    def draw(axes: Axes) -> None:
        for at, (title, values) in enumerate(rows):
            axes.text(0, at * high + 12, title, va="baseline")
            for hour, number in enumerate(values):
                place = left + (hour + 0.5) * side
                strength = 0.06 + 0.94 * number / most
                bottom = (at + 1) * high - 1.5
                axes.bar(place, 1.5 - high, side - 1, bottom, color=SERIES[0], alpha=strength)
        for hour in range(0, 24, 3):
            place = left + (hour + 0.5) * side
            axes.text(place, len(rows) * high + 12, str(hour), ha="center", va="baseline")

    return drawn(name, draw, height=high * len(rows) + 16, free=True)


def dots(
    name: str,
    rows: Sequence[str],
    series: Sequence[Sequence[tuple[float, float, float] | None]],
    *,
    axis_name: str,
) -> Markup:
    """Draw a dot with its interval for each row and series.

    An interval is (middle, low, high). There is a line at 0.
    """

    def draw(axes: Axes) -> None:
        axes.axvline(0, color=INK, linewidth=1)
        for n, intervals in enumerate(series):
            shift = 0.22 * (n - (len(series) - 1) / 2)
            for at, row in enumerate(intervals):
                if row is not None:
                    middle, low, high = row
                    axes.hlines(at + shift, low, high, color=SERIES[n])
                    axes.plot(middle, at + shift, MARKERS[n], color=SERIES[n], markeredgecolor=PAGE)
        axes.set_yticks(range(len(rows)), rows)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(False, axis="y")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel(axis_name)

    return drawn(name, draw, height=60 + len(rows) * (16 + 12 * len(series)))


def against_diagonal(
    name: str, xs: Sequence[float], ys: Sequence[float], *, axes_names: tuple[str, str]
) -> Markup:
    """Draw points joined by a line, and the diagonal of equal values."""
    positive = [v for v in (*xs, *ys) if v > 0]
    most, least = max(positive, default=1), min(positive, default=0)
    wide = len(positive) == len(xs) + len(ys) and most > 50 * least

    def draw(axes: Axes) -> None:
        start = least if wide else 0
        axes.plot([start, most], [start, most], color=MUTED, linestyle="--", linewidth=1.2)
        axes.plot(xs, ys, color=SERIES[0], marker=MARKERS[0], markeredgecolor=PAGE)
        if wide:
            logarithmic(axes.xaxis, axes.set_xscale)
            logarithmic(axes.yaxis, axes.set_yscale)
        _named(axes, *axes_names)

    return drawn(name, draw, height=260)


def logarithmic(axis: Axis, set_scale: Callable[[str], None]) -> None:
    """Make an axis logarithmic, with plain numbers at powers of ten."""
    set_scale("log")
    axis.set_major_formatter(FuncFormatter(lambda place, _: amount(float(f"{place:.3g}"))))
    axis.set_minor_formatter(NullFormatter())


def _around(values: Sequence[float]) -> tuple[float, float]:
    """Return limits that leave a little air around the values.

    The air never reaches below 0 unless a value does.
    """
    low, high = min(values, default=0), max(values, default=1)
    air = 0.08 * (high - low) or 0.1 * high or 1
    return max(low - air, 0) if low >= 0 else low - air, high + air


def _drawable(values: Sequence[float | None]) -> list[float]:
    return [nan if v is None else v for v in values]


def _named(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_title(up, loc="left", fontsize=10.5)
