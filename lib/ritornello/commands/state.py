"""Print the state of the machine and of a warehouse, without a Spark session."""

import json
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ritornello.settings.settings import Settings
from ritornello.upkeep.doctor import FAULT, OK, examine
from ritornello.upkeep.status import status_of


def show_findings(settings: Settings, *, as_json: bool) -> int:
    """Print what the doctor sees, a line each.

    Return 2 if there is a fault.
    """
    findings = examine(settings, now=datetime.now(UTC))
    faults = sum(one.state == FAULT for one in findings)
    if as_json:
        rows = [{"subject": f.subject, "state": f.state, "text": f.text} for f in findings]
        click.echo(json.dumps({"findings": rows, "faults": faults}, ensure_ascii=False))
        return 2 if faults else 0
    for one in findings:
        mark = one.state.upper() if one.state != OK else OK
        click.echo(f"  {mark:<8} {one.subject:<16} {one.text}")
    plural = "" if faults == 1 else "s"
    click.echo(f"{faults} fault{plural}" if faults else "no faults: ready for a night")
    return 2 if faults else 0


def show_status(settings: Settings, last: int, *, as_json: bool) -> int:
    """Print the served night, the last runs and the sizes of the tables."""
    now = datetime.now(UTC)
    status = status_of(settings.warehouse, settings.item_kind, now=now, last=last)
    if as_json:
        click.echo(json.dumps(status.as_results(), ensure_ascii=False))
        return 0
    results = status.as_results()
    served = results["served"]
    if served is None:
        click.echo("no lists yet: run refresh")
    else:
        how = "served" if served["is_published"] else "written and not published"
        click.echo(f"lists as of {served['as_of']} are {how}, {served['days_old']:.1f} days old")
    _print_rows(results["runs"])
    _print_rows(results["tables"])
    return 0


def _print_rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(box=None)
    for name, value in rows[0].items():
        number = isinstance(value, int | float)
        table.add_column(name.replace("_", " "), justify="right" if number else "left")
    for row in rows:
        table.add_row(*(f"{v:,}" if isinstance(v, int | float) else str(v) for v in row.values()))
    Console().print(table)
