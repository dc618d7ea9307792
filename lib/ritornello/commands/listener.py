"""The commands recommend and listeners, which read the warehouse without Spark.

Without a listener, recommend runs the step of the night, which ranks the lists of every listener.
"""

from datetime import datetime

import click

from ritornello.commands.options import INSTANT, Common, settings_options
from ritornello.errors import UsageError
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
    common: Common,
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
    common = common.having("item_kind", "--kind", kind)
    if user is not None:
        from ritornello.commands.show import show_list

        form = "json" if common.as_json else form
        return show_list(common.settings(), user, as_of, list_, top, form)
    if as_of is None:
        raise UsageError("name a listener, or give --as-of to rank the lists of every listener")
    from ritornello.commands.night import recommend_everyone

    return recommend_everyone(common, as_of)


@click.command("listeners")
@settings_options
@click.argument("search", required=False)
@click.option(
    "--top", type=click.IntRange(1, 1000), default=20, show_default=True,
    help="Number of listeners to show.",
)  # fmt: skip
def listeners_command(search: str | None, top: int, common: Common) -> int:
    """Show who is there, by name or id, or those like SEARCH.

    Each of them is a USER for `ritornello recommend`.
    """
    from ritornello.commands.show import show_listeners

    return show_listeners(common.settings(), search, top, as_json=common.as_json)
