"""Report published nights as a table, as figures and as a page."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import functions as F
from rich.table import Table

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.lists.shadow import SHADOW
from ritornello.night.publication.served import published_nights
from ritornello.report.nights import night_rows, nights_html

LIVE, AUDIT = "record_outcomes", "publish"


def nights(context: Context, *, last: int, out: Path | None = None) -> str:
    """Print the newest published nights, and write nights.json and nights.html to ``out``."""
    figures = {"nights": night_figures(context, last)}
    heads, rows = night_rows(figures["nights"])
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    context.console.print(table)
    context.results |= figures
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "nights.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        (out / "nights.html").write_text(nights_html(figures), encoding="utf-8")
    return f"published nights shown: {len(rows)}{f'; {out}/nights.html draws them' if out else ''}"


def night_figures(context: Context, last: int) -> list[dict[str, Any]]:
    """Return the figures of the ``last`` published nights, oldest first.

    They have the form that ``report.nights`` needs.
    """
    changes = published_nights(context.store)
    if not changes:
        raise UsageError("no night was published yet: run refresh")
    listeners = {change.as_of: change.listeners for change in reversed(changes)}
    days = sorted(listeners)[-last:]
    checks, effort = _checks(context, days), _effort(context, days)
    return [
        {
            "as_of": iso(day),
            "served": day == changes[0].as_of,
            "listeners": listeners[day],
            **effort.get(day, {"seconds": 0.0, "rows": 0}),
            "checks": {name: list(check) for name, check in checks[day, AUDIT].items()},
            "live": {name: value for name, (value, _) in checks[day, LIVE].items()},
            "shadow": next(
                (step.split()[-1] for at, step in checks if at == day and SHADOW in step), None
            ),
        }
        for day in days
    ]


def _checks(
    context: Context, days: list[datetime]
) -> dict[tuple[datetime, str], dict[str, tuple[float | None, str]]]:
    """Read every check's newest value and outcome, by night and step."""
    ends = _ends_of_horizons(context)
    step = F.col("step")
    rows = (
        context.store.read_mine("checks")
        .where(step.isin(AUDIT, LIVE) | step.startswith(SHADOW))
        .where(F.col("as_of").isin([*days, *ends]))
        .groupBy("step", "as_of", "check")
        .agg(F.max_by(F.struct("value", "outcome"), "checked_at").alias("newest"))
        .orderBy("step", "as_of", "check")
    )
    checks: dict[tuple[datetime, str], dict[str, tuple[float | None, str]]] = defaultdict(dict)
    for row in rows.collect():
        at = row["as_of"].astimezone(UTC)
        night = ends.get(at, at) if row["step"] == LIVE else at
        checks[night, row["step"]][row["check"]] = (
            row["newest"]["value"],
            row["newest"]["outcome"],
        )
    return checks


def _ends_of_horizons(context: Context) -> dict[datetime, datetime]:
    """Map the instant of each slice of `outcomes` to its night."""
    if not context.store.exists("outcomes"):
        return {}
    slices = context.store.read("outcomes").groupBy("as_of").agg(F.max("night").alias("night"))
    return {row["as_of"].astimezone(UTC): row["night"].astimezone(UTC) for row in slices.collect()}


def _effort(context: Context, days: list[datetime]) -> dict[datetime, dict[str, Any]]:
    """Sum seconds and rows of all steps by night."""
    runs = context.store.read_mine("runs").where(F.col("as_of").isin(days))
    rows = runs.groupBy("as_of").agg(F.sum("seconds").alias("seconds"), F.sum("rows").alias("rows"))
    return {
        row["as_of"].astimezone(UTC): {"seconds": row["seconds"], "rows": row["rows"]}
        for row in rows.collect()
    }
