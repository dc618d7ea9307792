"""The part beyond accuracy: accuracy against novelty, and other measures."""

from ritornello.report.findings import HEADLINE, best_first, value
from ritornello.report.ink import MARKS
from ritornello.report.labels import Point, scatter
from ritornello.report.parts import Entry, Part, Picture, Results, Table
from ritornello.report.words import amount, known, metric_name

NOVELTY = "personalised_novelty@40"


def novelty(results: Results) -> Part:
    """Draw accuracy against personalised novelty, and list all other measures."""
    lines = list(dict.fromkeys(row["method"] for row in results.get("tradeoff") or ()))
    lines = lines[: len(MARKS)]
    points = [*_methods(results), *_settings(results, lines)]
    return Part(
        "novelty",
        "Accuracy and personalised novelty",
        "A numbered dot is a method: the higher, the more accurate; the farther right, the more of "
        "its list the listener has never played; a line joins the settings of one method.",
        pictures=[_picture(points, lines)] if points else [],
        tables=_beyond(results),
    )


def _methods(results: Results) -> list[Point]:
    beyond = results.get("beyond") or {}
    pairs = [(m, known(beyond.get(m, {}).get(NOVELTY))) for m in best_first(results)]
    return [
        Point(method, x, value(results, method), label=str(n))
        for n, (method, x) in enumerate(pairs, start=1)
        if x is not None and value(results, method) >= 0
    ]


def _settings(results: Results, lines: list[str]) -> list[Point]:
    return [
        Point(
            f"{row['method']}, {row['setting']}",
            row[NOVELTY],
            row[HEADLINE],
            label=str(row["setting"]),
            series=lines.index(row["method"]) + 1,
        )
        for row in results.get("tradeoff") or ()
        if row["method"] in lines and None not in (known(row[NOVELTY]), known(row[HEADLINE]))
    ]


def _picture(points: list[Point], lines: list[str]) -> Picture:
    names = ("share of the list never played before", "NDCG@40")
    accurate, novel = max(points, key=lambda p: p.y), max(points, key=lambda p: p.x)
    message = (
        f"The most accurate, {accurate.name}, has {accurate.x:.0%} of its list new to the "
        f"listener; the most novel, {novel.name}, has {novel.x:.0%} at an NDCG@40 of {novel.y:.4f}."
    )
    legend = [Entry(0, point.label, point.name) for point in points if not point.series]
    legend += [Entry(n + 1, MARKS[n], f"settings of {name}") for n, name in enumerate(lines)]
    svg = scatter("novelty", points, axes_names=names)
    title = "NDCG@40 against personalised novelty"
    return Picture("novelty", title, message, svg, legend, _numbers(points))


def _numbers(points: list[Point]) -> Table:
    rows = [[point.name, f"{point.x:.4f}", f"{point.y:.4f}"] for point in points]
    return Table("Numbers of this picture", ("Dot", "Personalised novelty@40", "NDCG@40"), rows)


def _beyond(results: Results) -> list[Table]:
    beyond = results.get("beyond") or {}
    keys = list(dict.fromkeys(key for measures in beyond.values() for key in measures))
    if not keys:
        return []
    rows = [
        [method, *(amount(beyond[method].get(key)) for key in keys)]
        for method in best_first(results)
        if method in beyond
    ]
    return [Table("Beyond accuracy", ("Method", *map(metric_name, keys)), rows)]
