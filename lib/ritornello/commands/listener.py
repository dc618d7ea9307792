"""recommend: one listener's list in seconds, without Spark; without a listener, the night's job."""

from datetime import datetime
from typing import Any

import click
from rich.console import Console

from ritornello.commands.options import INSTANT, settings_from, settings_options
from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.listener import formats
from ritornello.listener.lists import listed
from ritornello.listener.night import chosen_night
from ritornello.listener.reader import Reader
from ritornello.listener.who import find_listener
from ritornello.settings.settings import Settings
from ritornello.tables.contracts import LISTS


@click.command("recommend")
@settings_options
@click.argument("user", required=False)
@click.option("--as-of", type=INSTANT, help="The night. Default with USER: the one published.")
@click.option("--kind", type=click.Choice(["track", "artist"]), help="Default: item_kind.")
@click.option(
    "list_", "--list", type=click.Choice(LISTS), default="mixed", show_default=True,
    help="repeats: played before; new: never played; explored: some drawn by chance.",
)  # fmt: skip
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table",
    show_default=True,
)  # fmt: skip
def recommend_command(
    user: str | None, as_of: datetime | None, kind: str | None, list_: str, top: int, form: str,
    **common: Any,
) -> int:  # fmt: skip
    """USER's list, in seconds; without USER the job that ranks lists for every listener.

    \b
    ritornello recommend anna --list new --top 20
    ritornello recommend 1024 --kind artist --format json
    ritornello recommend --as-of 2025-01-06          (the job; needs candidates and a ranker)

    USER is a listener's name or the source's id. A name that starts with - stands after --.
    """
    if kind:
        common["overrides"] = (*common["overrides"], f"item_kind={kind}")
    settings = settings_from(**common)
    if user is None:
        return _for_everyone(settings, as_of)
    _tell(settings, user, as_of, list_, top, form)
    return 0


def _for_everyone(settings: Settings, as_of: datetime | None) -> int:
    if as_of is None:
        raise UsageError("name a listener, or --as-of for the lists of every listener")
    from ritornello.commands.night import recommend_everyone  # Spark only where it is needed

    return recommend_everyone(settings, as_of)


def _tell(
    settings: Settings, user: str, as_of: datetime | None, list_: str, top: int, form: str
) -> None:
    tables = Reader(settings.warehouse, settings.item_kind)
    listener = find_listener(tables, user)
    night = chosen_night(tables, as_of)
    rows = listed(tables, listener, night, list_=list_, top=top)
    if rows.empty:
        why = ": no places are drawn (exploration.slots)" if list_ == "explored" else ""
        raise UsageError(
            f"nothing {list_} to recommend to {listener.title} as of {iso(night.as_of)}{why}"
        )
    if form == "csv":
        click.echo(formats.as_csv(rows), nl=False)
    elif form == "json":
        about = {"source_user_id": listener.source_user_id, "user_name": listener.user_name}
        whole = formats.as_json(rows, **about, as_of=iso(night.as_of), list=list_)
        click.echo(whole, nl=False)
    else:
        title = f"{list_} for {listener.title}, as of {iso(night.as_of)}"
        Console().print(formats.as_table(rows, title=title))
