"""The command recommend, which shows one listener's list without Spark.

Without a listener it runs the step of the night, which ranks the lists of every listener.
"""

from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console

from ritornello.commands.options import INSTANT, settings_from, settings_options
from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.listener import formats
from ritornello.listener.default_list import default_list
from ritornello.listener.lists import listed
from ritornello.listener.night import Night, chosen_night
from ritornello.listener.reader import Reader
from ritornello.listener.who import Listener, UnknownListenerError, find_listener
from ritornello.settings.settings import Settings
from ritornello.tables.contracts import LISTS


@click.command("recommend")
@settings_options
@click.argument("user", required=False)
@click.option(
    "--as-of", type=INSTANT, help="Night of the lists. Default with USER: the published one."
)
@click.option(
    "--kind",
    type=click.Choice(["track", "artist"]),
    help="Kind of item (default: the setting item_kind).",
)
@click.option(
    "list_", "--list", type=click.Choice(LISTS), default="mixed", show_default=True,
    help="repeats: played before; new: never played; explored: some places are random.",
)  # fmt: skip
@click.option(
    "--top", type=click.IntRange(1, 1000), default=10, show_default=True,
    help="Number of places to show.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table",
    show_default=True, help="Format of the output.",
)  # fmt: skip
def recommend_command(
    user: str | None, as_of: datetime | None, kind: str | None, list_: str, top: int, form: str,
    **common: Any,
) -> int:  # fmt: skip
    """Show USER's list, or rank the lists of every listener.

    With USER, it answers in seconds, without Spark. Without USER, it runs the job of the night.

    \b
    ritornello recommend anna --list new --top 20
    ritornello recommend 1024 --kind artist --format json
    ritornello recommend --as-of 2025-01-06          (the job; needs candidates and a ranker)

    USER is a listener's name or the source's id. Put -- before a name that starts with -. Whoever has
    played nothing yet gets the list for everybody, marked as such.
    """
    if kind:
        common["overrides"] = (*common["overrides"], f"item_kind={kind}")
    settings = settings_from(**common)
    if user is None:
        return _for_everyone(settings, as_of)
    _show(settings, user, as_of, list_, top, form)
    return 0


def _for_everyone(settings: Settings, as_of: datetime | None) -> int:
    if as_of is None:
        raise UsageError("name a listener, or give --as-of to rank the lists of every listener")
    from ritornello.commands.night import recommend_everyone  # loads Spark, so import it only here

    return recommend_everyone(settings, as_of)


def _show(
    settings: Settings, user: str, as_of: datetime | None, list_: str, top: int, form: str
) -> None:
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
        key = listener.source_user_id
        rows = default_list(tables, night, source_user_id=key, top=top, at=now)
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
