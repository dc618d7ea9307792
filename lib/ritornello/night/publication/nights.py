"""nights: what came of the nights that were published, as a table, as figures and as a page."""

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
    told = {"nights": night_figures(context, last)}
    heads, rows = night_rows(told["nights"])
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    context.console.print(table)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "nights.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        (out / "nights.html").write_text(nights_html(told), encoding="utf-8")
    return f"published nights shown: {len(rows)}{f'; {out}/nights.html draws them' if out else ''}"


def night_figures(context: Context, last: int) -> list[dict[str, Any]]:
    """One published night, oldest first, as ``report.nights`` wants it; at most ``last`` of them."""
    changes = published_nights(context.store)
    if not changes:
        raise UsageError("no night was published yet: run refresh")
    listeners = {change.as_of: change.listeners for change in reversed(changes)}
    days = sorted(listeners)[-last:]
    checks, took = _checks(context, days), _took(context, days)
    return [
        {
            "as_of": iso(day),
            "served": day == changes[0].as_of,
            "listeners": listeners[day],
            **took.get(day, {"seconds": 0.0, "rows": 0}),
            "checks": {name: list(found) for name, found in checks[day, AUDIT].items()},
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
    """The newest value and outcome of every check, by night and step."""
    ends = _ends_of_horizons(context)
    step = F.col("step")
    rows = (
        context.store.read_mine("checks")
        .where(step.isin(AUDIT, LIVE) | step.startswith(SHADOW))
        .where(F.col("as_of").isin([*days, *ends]))
        .groupBy("step", "as_of", "check")
        .agg(F.max_by(F.struct("value", "outcome"), "checked_at").alias("found"))
        .orderBy("step", "as_of", "check")
    )
    told: dict[tuple[datetime, str], dict[str, tuple[float | None, str]]] = defaultdict(dict)
    for row in rows.collect():
        at = row["as_of"].astimezone(UTC)
        night = ends.get(at, at) if row["step"] == LIVE else at
        told[night, row["step"]][row["check"]] = (row["found"]["value"], row["found"]["outcome"])
    return told


def _ends_of_horizons(context: Context) -> dict[datetime, datetime]:
    """The night that a slice of `outcomes` speaks of, by the slice's own instant."""
    if not context.store.exists("outcomes"):
        return {}
    slices = context.store.read("outcomes").groupBy("as_of").agg(F.max("night").alias("night"))
    return {row["as_of"].astimezone(UTC): row["night"].astimezone(UTC) for row in slices.collect()}


def _took(context: Context, days: list[datetime]) -> dict[datetime, dict[str, Any]]:
    """Seconds and rows of all steps as of a night."""
    runs = context.store.read_mine("runs").where(F.col("as_of").isin(days))
    rows = runs.groupBy("as_of").agg(F.sum("seconds").alias("seconds"), F.sum("rows").alias("rows"))
    return {
        row["as_of"].astimezone(UTC): {"seconds": row["seconds"], "rows": row["rows"]}
        for row in rows.collect()
    }
