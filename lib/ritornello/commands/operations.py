"""Commands of the operators: plan, backfill, publish, rollback."""

from datetime import datetime
from typing import Any

import click

from ritornello.cli import INSTANT, as_of_option, cli, settings_options
from ritornello.commands.options import run
from ritornello.errors import UsageError
from ritornello.operations.night import backfill, plan
from ritornello.operations.publish import publish, rollback


@cli.command("plan")
@settings_options
@as_of_option
def plan_command(as_of: datetime, **common: Any) -> int:
    """Show what refresh would run as of an instant, why, and how much of it; writes nothing.

    A step runs if an input slice, its settings or the code changed since its last good run, if
    somebody overwrote what it left, or after a step that renews its input.
    """
    return run("plan", common, lambda context: plan(context, as_of))


@cli.command("backfill")
@settings_options
@click.argument("first", metavar="FROM", type=INSTANT)
@click.argument("last", metavar="TO", type=INSTANT)
def backfill_command(first: datetime, last: datetime, **common: Any) -> int:
    """Run every night from FROM to TO, a day apart, without changing what is served.

    Nights that are up to date are left out, so a back-fill that stopped goes on where it was.
    """
    if last < first:
        raise UsageError("TO lies before FROM: write backfill <first day> <last day>")
    return run("backfill", common, lambda context: backfill(context, first, last))


@cli.command("publish")
@settings_options
@as_of_option
def publish_command(as_of: datetime, **common: Any) -> int:
    """Audit the lists as of an instant and serve them, also in the place of newer ones.

    The limits stand in the settings under `audit`. If one is passed the lists served before stay,
    the exit code is 4, and the hook in RITORNELLO_ALERT_COMMAND or RITORNELLO_ALERT_WEBHOOK is told.
    """
    return run("publish", common, lambda context: publish(context, as_of, even_if_older=True))


@cli.command("rollback")
@settings_options
@click.option("--to", type=INSTANT, help="That published night (default: the one before).")
def rollback_command(to: datetime | None, **common: Any) -> int:
    """Serve the night published before again. The next night publishes as usual."""
    return run("rollback", common, lambda context: rollback(context, to))
