"""A scatter plot whose labels do not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ritornello.report.ink import MARKERS, MUTED, PAGE, SERIES, WIDTH, drawn

HEIGHT, SIZE = 330, 9.5
CHARACTER, LINE = 5.3, 12.0  # room for one character at that size, and for one line
FRAME = (46.0, 22.0, WIDTH - 14.0, HEIGHT - 40.0)  # left, top, right, bottom in units
Box = tuple[float, float, float, float]
Place = tuple[float, float]


@dataclass(frozen=True)
class Point:
    """A point of the scatter plot, with its label and series.

    Series 0 has no line.
    """

    name: str
    x: float
    y: float
    label: str
    series: int = 0


def scatter(name: str, points: Sequence[Point], *, axes_names: tuple[str, str]) -> Markup:
    """Draw points with labels.

    Points of one series above 0 are joined in their order.
    """

    def draw(axes: Axes) -> None:
        left, top, right, bottom = FRAME
        width, height = (right - left) / WIDTH, (bottom - top) / HEIGHT
        axes.set_position((left / WIDTH, 1 - bottom / HEIGHT, width, height))
        axes.margins(0.08, 0.08)
        for n in sorted({point.series for point in points}):
            _marks(axes, n, [point for point in points if point.series == n])
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel(axes_names[0])
        axes.set_title(axes_names[1], loc="left", fontsize=10.5)
        _label_points(axes, points)

    return drawn(name, draw, height=HEIGHT, fixed=True)


def _marks(axes: Axes, n: int, points: Sequence[Point]) -> None:
    xs, ys = [point.x for point in points], [point.y for point in points]
    colour, marker = (SERIES[n - 1], MARKERS[n - 1]) if n else (MUTED, MARKERS[0])
    line = "-" if n else "none"
    axes.plot(xs, ys, linestyle=line, color=colour, marker=marker, markeredgecolor=PAGE)


def _label_points(axes: Axes, points: Sequence[Point]) -> None:
    axes.autoscale_view()
    places = [tuple(axes.transData.transform((point.x, point.y))) for point in points]
    at = [(float(x), HEIGHT - float(y)) for x, y in places]
    boxes = placed([point.label for point in points], at, _along_lines(points, at))
    for point, middle, box in zip(points, at, boxes, strict=True):
        if box is None:
            continue
        by = (box[0] - middle[0], middle[1] - box[3] + 3)
        axes.annotate(
            point.label, (point.x, point.y), by, textcoords="offset points", fontsize=SIZE
        )


def _along_lines(points: Sequence[Point], at: Sequence[Place]) -> list[Place]:
    """Return places on the lines between joined points.

    They are so close together that no label fits between them.
    """
    places: list[Place] = []
    for n in {point.series for point in points} - {0}:
        line = [place for point, place in zip(points, at, strict=True) if point.series == n]
        for (x, y), (to_x, to_y) in pairwise(line):
            places += [
                (x + (to_x - x) * part / 16, y + (to_y - y) * part / 16) for part in range(17)
            ]
    return places


def placed(
    labels: Sequence[str], at: Sequence[Place], others: Sequence[Place] = ()
) -> list[Box | None]:
    """Return the nearest free box for each point's label.

    It is None if there is no room.
    """
    obstacles: list[Box] = [(x - 4, y - 4, x + 4, y + 4) for x, y in at]
    obstacles += [(x - 1, y - 1, x + 1, y + 1) for x, y in others]
    boxes: list[Box | None] = []
    for label, place in zip(labels, at, strict=True):
        free = (b for b in _boxes(len(label) * CHARACTER, *place) if _fits(b, obstacles))
        box = next(free, None)
        boxes.append(box)
        if box is not None:
            obstacles.append(box)
    return boxes


def _boxes(width: float, x: float, y: float) -> list[Box]:
    """Return boxes that touch a point.

    They are in order: right, left, above, below, then at its corners.
    """
    right, left, over = x + 5, x - 5 - width, x - width / 2
    up, level, down = y - 4 - LINE, y - LINE / 2, y + 4
    corners = [(side, high) for high in (up, down) for side in (right, left)]
    starts = [(right, level), (left, level), (over, up), (over, down), *corners]
    return [(start, top, start + width, top + LINE) for start, top in starts]


def _fits(box: Box, obstacles: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    inside = left >= FRAME[0] + 2 and right <= FRAME[2] and top >= FRAME[1] and bottom <= FRAME[3]
    return inside and not any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        for other in obstacles
    )
