"""The page: every part in its order, in one self-contained file."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from ritornello.report.accuracy import curves, methods, targets
from ritornello.report.answer import answer, protocol, settings
from ritornello.report.inside import calibration, candidate_recall, eps_sweep, importances, steps
from ritornello.report.listening import data
from ritornello.report.novelty import novelty
from ritornello.report.parts import Part, Results
from ritornello.report.strata import strata

PARTS = (
    answer,
    data,
    protocol,
    methods,
    curves,
    targets,
    candidate_recall,
    calibration,
    strata,
    eps_sweep,
    novelty,
    importances,
    steps,
    settings,
)
TITLE = "Comparison of methods"


def report_html(results: Results) -> str:
    """Write the page of a comparison as one HTML file.

    Equal results give an equal file.
    """
    return page_html(results.get("title") or TITLE, [part(results) for part in PARTS])


def page_html(title: str, parts: Sequence[Part]) -> str:
    """Write one HTML file of these parts.

    A part that was not measured says so in one line. Every name is escaped. Nothing is loaded: the
    one script, which sorts tables, is in the file, and without it the page is whole.
    """
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page.undefined = StrictUndefined
    page.filters["breakable"] = breakable
    return page.from_string(_file("page.html")).render(
        title=title,
        css=Markup(_file("page.css")),
        script=Markup(_file("page.js")),
        parts=parts,
    )


def breakable(text: str) -> Markup:
    """Allow a line break after each underscore of a name."""
    return escape(text).replace("_", Markup("_<wbr>"))


def _file(name: str) -> str:
    return files("ritornello.report").joinpath(name).read_text(encoding="utf-8")
