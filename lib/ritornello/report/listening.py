"""The part on the data: its figures and four pictures of listening."""

from typing import Any

from ritornello.report import charts
from ritornello.report.parts import Part, Picture, Results, Table
from ritornello.report.words import amount, edge, hours, plain, span

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FULL_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
POINTS = 300


def data(results: Results) -> Part:
    """Show statistics of the plays before the instant."""
    statistics = results.get("statistics") or {}
    draws = (_long_tail, _history_length, _repeat_interval, _hour_weekday)
    pictures = [picture(statistics) for picture in draws]
    return Part(
        "data",
        "The data",
        "The table counts what the methods learnt from; the pictures show how unequal tracks and "
        "listeners are, and when and how soon people play things again.",
        pictures=[picture for picture in pictures if picture],
        tables=_figures(statistics.get("figures")),
    )


def _figures(figures: dict[str, Any] | None) -> list[Table]:
    if not figures:
        return []
    rows = [(plain(name), amount(number)) for name, number in figures.items()]
    return [Table("Statistics of the data", ("Figure", "Value"), rows)]


def _long_tail(statistics: dict[str, Any]) -> Picture | None:
    rows = [row for row in statistics.get("long_tail") or () if row["rank"] > 0 < row["plays"]]
    if not rows:
        return None
    rows = _thinned(sorted(rows, key=lambda row: row["rank"]))
    first, last = rows[0], rows[-1]
    message = (
        f"The track at rank {amount(first['rank'])} has {amount(first['plays'])} plays, "
        f"the one at rank {amount(last['rank'])} has {amount(last['plays'])}."
    )
    xs, ys = ([float(row[key]) for row in rows] for key in ("rank", "plays"))
    svg = charts.curve("long-tail", xs, ys, axes_names=("rank of the track", "plays"))
    return Picture("long-tail", "Long tail: plays of each track, most played first", message, svg)


def _thinned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep at most ``POINTS`` rows, evenly spread on a logarithmic axis.

    The first and the last row are kept.
    """
    most = len(rows) - 1
    if most < POINTS:
        return rows
    places = {round((most + 1) ** (n / (POINTS - 1))) - 1 for n in range(POINTS)}
    return [rows[place] for place in sorted(places)]


def _history_length(statistics: dict[str, Any]) -> Picture | None:
    rows = statistics.get("history_length")
    if not rows:
        return None
    top = max(rows, key=lambda row: row["listeners"])
    message = (
        f"Most listeners, {amount(top['listeners'])}, have {_between(top, edge)} plays before "
        "the instant."
    )
    edges = [edge(row["low"]) for row in rows] + [_open(rows[-1]["high"], edge)]
    counts = [float(row["listeners"]) for row in rows]
    names = ("plays before the instant", "listeners")
    svg = charts.bins("history-length", counts, edges, axes_names=names)
    return Picture("history-length", "History length: listeners by number of plays", message, svg)


def _repeat_interval(statistics: dict[str, Any]) -> Picture | None:
    rows = statistics.get("repeat_interval")
    if not rows:
        return None
    rows = [row | {"low": row["low_hours"], "high": row["high_hours"]} for row in rows]
    top = max(rows, key=lambda row: row["repeats"])
    message = (
        f"Most repeats, {amount(top['repeats'])}, come {_between(top, span)} after the last play."
    )
    edges = [hours(row["low"]) for row in rows] + [_open(rows[-1]["high"], hours)]
    counts = [float(row["repeats"]) for row in rows]
    names = ("time since the track's last play", "repeats")
    svg = charts.bins("repeat-interval", counts, edges, axes_names=names)
    return Picture(
        "repeat-interval", "Repeat interval: time until a track comes back", message, svg
    )


def _hour_weekday(statistics: dict[str, Any]) -> Picture | None:
    rows = statistics.get("hour_weekday")
    if not rows:
        return None
    most, day, hour = max((n, -d, -h) for d, row in enumerate(rows) for h, n in enumerate(row))
    message = f"Most is played on {FULL_DAYS[-day]} at {-hour} o'clock UTC: {amount(most)} plays."
    svg = charts.heat("hour-weekday", list(zip(WEEKDAYS, rows, strict=True)))
    title = "Hour and weekday (UTC): the stronger the colour, the more plays"
    return Picture("hour-weekday", title, message, svg)


def _between(row: dict[str, Any], write: Any) -> str:
    high = row.get("high")
    return (
        f"{write(row['low'])} and more" if high is None else f"{write(row['low'])} to {write(high)}"
    )


def _open(high: Any, write: Any) -> str:
    return "…" if high is None else str(write(high))
