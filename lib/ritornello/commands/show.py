"""Print lists and listeners, without Spark."""

import json
import shlex
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.listener import formats
from ritornello.listener.default_list import default_list
from ritornello.listener.lists import listed
from ritornello.listener.night import Night, chosen_night
from ritornello.listener.reader import Reader
from ritornello.listener.who import (
    Listener,
    UnknownListenerError,
    find_listener,
    listeners_like,
)
from ritornello.settings.settings import Settings


def show_list(
    settings: Settings, user: str, as_of: datetime | None, list_: str, top: int, form: str
) -> int:
    """Print one listener's list as a table, JSON or CSV."""
    tables = Reader(settings.warehouse, settings.item_kind)
    listener, why = _listener(tables, user)
    night = chosen_night(tables, as_of)
    now = datetime.now(UTC)
    known = listener.user_id >= 0
    rows = listed(tables, listener, night, list_=list_, top=top, at=now) if known else None
    is_default = rows is None or (rows.empty and _has_no_list(tables, listener, night))
    if is_default and list_ in ("mixed", "new"):
        why = why or f"{listener.title} has played nothing before {iso(night.as_of)}"
        click.echo(f"{why}: this is the list for everybody", err=True)
        rows = default_list(tables, night, listener=listener, top=top, at=now)
    if rows is None or rows.empty:
        why = ": exploration.slots was probably 0 that night" if list_ == "explored" else ""
        raise UsageError(
            f"the list {list_} of {listener.title} is empty as of {iso(night.as_of)}{why}"
        )
    if form == "csv":
        click.echo(formats.as_csv(rows), nl=False)
    elif form == "json":
        about = {"source_user_id": listener.source_user_id, "user_name": listener.user_name}
        text = formats.as_json(
            rows, **about, as_of=iso(night.as_of), list=list_, is_default=is_default
        )
        click.echo(text, nl=False)
    else:
        whose = "everybody" if is_default else listener.title
        title = f"{list_} for {whose}, as of {iso(night.as_of)}"
        Console().print(formats.as_table(rows, title=title))
    return 0


def show_listeners(settings: Settings, search: str | None, top: int, *, as_json: bool) -> int:
    """Print the first listeners, or those who are like the search."""
    tables = Reader(settings.warehouse)
    rows, everybody = listeners_like(tables, search, top)
    if as_json:
        people = [
            {"source_user_id": one.source_user_id, "user_name": one.user_name} for one in rows
        ]
        click.echo(json.dumps({"listeners": people, "everybody": everybody}, ensure_ascii=False))
        return 0
    table = Table(box=None)
    table.add_column("listener")
    table.add_column("id of the source")
    for one in rows:
        table.add_row(Text(one.title), Text(one.source_user_id))
    Console().print(table)
    shown = f"{len(rows):,} of {everybody:,} listeners"
    click.echo(f"{shown}; ritornello recommend {shlex.quote(rows[0].title)}" if rows else shown)
    return 0


def _listener(tables: Reader, user: str) -> tuple[Listener, str]:
    """Return the listener and "", or one with the id -1 and why."""
    try:
        return find_listener(tables, user), ""
    except UnknownListenerError as error:
        return Listener(-1, user.strip(), None), str(error)


def _has_no_list(tables: Reader, listener: Listener, night: Night) -> bool:
    """Return whether the listener has no list at all that night."""
    rows = tables.read(
        "recommendations",
        ("rank",),
        version=night.version,
        as_of=night.as_of,
        user_id=listener.user_id,
    )
    return rows.empty
