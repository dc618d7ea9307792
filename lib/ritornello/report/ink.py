"""Drawings for the page: matplotlib's SVG in the colours of the style sheet.

Every colour is a placeholder while matplotlib draws. Afterwards it becomes ``currentColor`` or a
variable of the style sheet, so that one drawing serves light and dark pages.
"""

import re
import warnings
from collections.abc import Callable
from io import StringIO

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 330  # units of the view box: near one to one on a phone
INK, MUTED, PAGE = "#010203", "#010204", "#010205"
SERIES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05", "#0a0b06")
MARKERS = ("o", "s", "^", "D", "v", "P")
MARKS = ("●", "■", "▲", "◆", "▼", "✚")
COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted)",
    PAGE: "var(--page)",
    **{colour: f"var(--series-{n})" for n, colour in enumerate(SERIES, start=1)},
}
STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "axes.formatter.useoffset": False,
    "font.size": 10.5,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.15,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.5,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "axes.linewidth": 0.8,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
    ),
    "grid.color": INK,
}


def drawn(
    name: str,
    draw: Callable[[Axes], None],
    *,
    height: float,
    free: bool = False,
    fixed: bool = False,
) -> Markup:
    """Return the SVG of what ``draw`` puts on one pair of axes.

    It is ``WIDTH`` by ``height`` units. ``free`` axes have no frame, and their data units are those
    of the view box, y downwards; ``fixed`` ones are placed by ``draw``. Equal calls give equal
    text; every id starts with ``name``.
    """
    into = StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        size = (WIDTH / 72, height / 72)
        figure = Figure(figsize=size, dpi=72, layout=None if free or fixed else "constrained")
        draw(_free_axes(figure, height) if free else figure.add_subplot())
        figure.savefig(into, format="svg", transparent=True)
    return Markup(_for_the_page(into.getvalue(), name))


def _free_axes(figure: Figure, height: float) -> Axes:
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    return axes


def _for_the_page(svg: str, name: str) -> str:
    """Fit matplotlib's SVG to the page.

    Prologue, style, foreign names and unused ids are removed. Colours and font become the page's.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style .*?</style>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>", r"<svg \1 aria-hidden='true'>", svg)
    svg = re.sub(r' style="([^"]*)"', _style, svg)
    svg = svg.replace("xlink:href", "href")
    svg = _own_ids(svg, name)
    return re.sub(r"\s*\n\s*", "\n", svg).strip()


def _style(match: re.Match[str]) -> str:
    rules = re.sub(r"font-family: [^;\"]*;? ?", "", match[1])
    rules = re.sub(r"#010[0-9a-f]{3}|#0a0b[0-9a-f]{2}", lambda c: COLOURS[c[0]], rules)
    return f' style="{rules}"'


def _own_ids(svg: str, name: str) -> str:
    """Put the picture's name before each id, and drop unused ids."""
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))

    def own_id(match: re.Match[str]) -> str:
        return f' id="{name}-{match[1]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', own_id, svg)
    return re.sub(r'(url\(|href=")#', rf"\1#{name}-", svg)
