"""Commands of the operators: a night's plan, publication and way back; the warehouse's upkeep."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ritornello.commands.launch import run
from ritornello.commands.options import INSTANT, as_of_option, settings_options
from ritornello.errors import UsageError
from ritornello.intake.quarantine import list_rejected, purge_rejected
from ritornello.job import Context
from ritornello.night.graph import run_step
from ritornello.night.lists.shadow import shadow_of
from ritornello.night.publication.nights import nights
from ritornello.night.publication.publish import rollback
from ritornello.night.refresh import backfill, plan
from ritornello.night.steps import publish_step
from ritornello.upkeep.maintain import maintain
from ritornello.upkeep.migrate import migrate_warehouse


@click.command("plan")
@settings_options
@as_of_option
def plan_command(as_of: datetime, **common: Any) -> int:
    """Show what refresh would run as of an instant, why, and how much of it; writes nothing.

    A step runs if an input slice, its settings or the code changed since its last good run, if
    somebody overwrote what it left, or after a step that renews its input.
    """
    return run("plan", common, lambda context: plan(context, as_of))


@click.command("backfill")
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


@click.command("publish")
@settings_options
@as_of_option
def publish_command(as_of: datetime, **common: Any) -> int:
    """Audit the lists as of an instant and serve them, also in the place of newer ones.

    The limits stand in the settings under `audit`. If one is passed the lists served before stay,
    the exit code is 4, and the hook in RITORNELLO_ALERT_COMMAND or RITORNELLO_ALERT_WEBHOOK is told.
    """

    def body(context: Context) -> str:
        shadow = shadow_of(context, as_of)
        step = publish_step(context, as_of, shadow=shadow, even_if_older=True)
        return str(run_step(context, step))

    return run("publish", common, body)


@click.command("rollback")
@settings_options
@click.option("--to", type=INSTANT, help="That published night (default: the one before).")
def rollback_command(to: datetime | None, **common: Any) -> int:
    """Serve the night published before again. The next night publishes as usual."""
    return run("rollback", common, lambda context: rollback(context, to))


@click.command("nights")
@settings_options
@click.option("--last", type=click.IntRange(1, 366), default=30, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="For the page.")
def nights_command(last: int, out: Path | None, **common: Any) -> int:
    """Show the last published nights: audits, minutes, and what was played of what was shown.

    With --out nights.html draws them, and nights.json has the figures.
    """
    return run("nights", common, lambda context: nights(context, last=last, out=out))


@click.command("maintain")
@settings_options
@click.option("--apply", is_flag=True, help="Do it; without this it is only told.")
def maintain_command(apply: bool, **common: Any) -> int:
    """Drop old slices, join small files (by listener), remove files that nobody needs.

    How old is old stands in `maintain.keep_days`, by table; the night that is served always stays,
    and files that a version of the last week needs do too. Steps whose input files were joined run
    once more when their night is refreshed again.
    """
    return run("maintain", common, lambda context: maintain(context, apply=apply))


@click.command("migrate")
@settings_options
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
def migrate_command(dry_run: bool, **common: Any) -> int:
    """Bring a warehouse that an older version wrote up to date.

    Until then every job refuses it in one sentence. What cannot be brought up to date is named
    before anything is changed.
    """
    return run("migrate", common, lambda context: migrate_warehouse(context, dry_run=dry_run))


@click.command("list-rejected")
@settings_options
def list_rejected_command(**common: Any) -> int:
    """Show the plays in quarantine by delivery and reason."""
    return run("list-rejected", common, list_rejected)


@click.command("purge-rejected")
@settings_options
@click.option("--delivery", help="Those of this delivery.")
@click.option("--reason", help="Those with this reason.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
def purge_rejected_command(
    delivery: str | None, reason: str | None, everything: bool, **common: Any
) -> int:
    """Empty the quarantine; replay-rejected takes in what is known by now."""
    return run(
        "purge-rejected",
        common,
        lambda context: purge_rejected(
            context, delivery=delivery, reason=reason, everything=everything
        ),
    )
