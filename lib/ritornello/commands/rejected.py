"""Commands for rejected plays: list-rejected and purge-rejected."""

from typing import TYPE_CHECKING

import click

from ritornello.commands.launch import run
from ritornello.commands.options import Common, settings_options

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("list-rejected")
@settings_options
def list_rejected_command(common: Common) -> int:
    """Show the rejected plays by delivery and reason."""

    def body(context: "Context") -> str:
        from ritornello.intake.quarantine import list_rejected

        return list_rejected(context)

    return run("list-rejected", common, body)


@click.command("purge-rejected")
@settings_options
@click.option("--delivery", help="Remove plays of this delivery.")
@click.option("--reason", help="Remove plays rejected for this reason.")
@click.option("--all", "everything", is_flag=True, help="Remove all rejected plays.")
def purge_rejected_command(
    delivery: str | None, reason: str | None, everything: bool, common: Common
) -> int:
    """Remove rejected plays.

    To import those whose track is known by now, run replay-rejected first.
    """

    def body(context: "Context") -> str:
        from ritornello.intake.quarantine import purge_rejected

        return purge_rejected(context, delivery=delivery, reason=reason, everything=everything)

    return run("purge-rejected", common, body)
