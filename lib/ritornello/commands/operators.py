"""Commands of the operators: plan, publication, rollback and upkeep."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ritornello.commands.launch import run
from ritornello.commands.options import INSTANT, TAKE_OVER, as_of_option, settings_options
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
    """Show what refresh would run, without running it.

    For each step it shows the reason, the rows it would read and those it usually writes. A step runs
    if an input slice, its settings or the code changed since its last successful run, if its output
    was overwritten, or if an earlier step renews its input.
    """
    return run("plan", common, lambda context: plan(context, as_of))


@click.command("backfill")
@settings_options
@click.argument("first", metavar="FROM", type=INSTANT)
@click.argument("last", metavar="TO", type=INSTANT)
@TAKE_OVER
def backfill_command(first: datetime, last: datetime, take_over: bool, **common: Any) -> int:
    """Run every night from FROM to TO, one per day.

    The lists that are served do not change. Nights that are up to date are skipped, so a back-fill
    that stopped continues where it was.
    """
    if last < first:
        raise UsageError("TO is before FROM: write backfill <first day> <last day>")
    return run(
        "backfill", common, lambda context: backfill(context, first, last, take_over=take_over)
    )


@click.command("publish")
@settings_options
@as_of_option
def publish_command(as_of: datetime, **common: Any) -> int:
    """Audit the lists of a night and serve them.

    They may also replace the lists of a newer night. The limits are the settings under `audit`. If
    the audit fails, the lists served before stay, the exit code is 4, and an alert goes to
    RITORNELLO_ALERT_COMMAND and RITORNELLO_ALERT_WEBHOOK, where set.
    """

    def body(context: Context) -> str:
        shadow = shadow_of(context, as_of)
        step = publish_step(context, as_of, shadow=shadow, even_if_older=True)
        return str(run_step(context, step))

    return run("publish", common, body)


@click.command("rollback")
@settings_options
@click.option(
    "--to", type=INSTANT, help="Published night to serve (default: the one before the last)."
)
def rollback_command(to: datetime | None, **common: Any) -> int:
    """Take back the night that was published last, and serve the one before again.

    Run again, it changes nothing; --to goes further back, or forward again. The next night publishes
    as usual, and goes on from a night that was not taken back.
    """
    return run("rollback", common, lambda context: rollback(context, to))


@click.command("nights")
@settings_options
@click.option(
    "--last",
    type=click.IntRange(1, 366),
    default=30,
    show_default=True,
    help="Number of nights to show.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the page."
)
def nights_command(last: int, out: Path | None, **common: Any) -> int:
    """Show the last published nights.

    It shows their audits, their minutes, and how much of what was shown was played. With --out,
    nights.html draws the figures and nights.json holds them.
    """
    return run("nights", common, lambda context: nights(context, last=last, out=out))


@click.command("maintain")
@settings_options
@click.option("--apply", is_flag=True, help="Do it. Without this, only show what would be done.")
def maintain_command(apply: bool, **common: Any) -> int:
    """Drop old slices, join small files, remove unused files.

    The setting `maintain.keep_days` says how long slices are kept, by table. The served night is
    always kept, and so is every file that a table version of the last week needs. Steps whose input
    files were joined run once more when their night is refreshed again.
    """
    return run("maintain", common, lambda context: maintain(context, apply=apply))


@click.command("migrate")
@settings_options
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
def migrate_command(dry_run: bool, **common: Any) -> int:
    """Bring a warehouse of an older version up to date.

    Until then every job refuses to use it. If a table cannot be brought up to date, the command says
    so before it changes anything.
    """
    return run("migrate", common, lambda context: migrate_warehouse(context, dry_run=dry_run))


@click.command("list-rejected")
@settings_options
def list_rejected_command(**common: Any) -> int:
    """Show the rejected plays by delivery and reason."""
    return run("list-rejected", common, list_rejected)


@click.command("purge-rejected")
@settings_options
@click.option("--delivery", help="Remove plays of this delivery.")
@click.option("--reason", help="Remove plays rejected for this reason.")
@click.option("--all", "everything", is_flag=True, help="Remove all rejected plays.")
def purge_rejected_command(
    delivery: str | None, reason: str | None, everything: bool, **common: Any
) -> int:
    """Remove rejected plays.

    To import those whose track is known by now, run replay-rejected first.
    """
    return run(
        "purge-rejected",
        common,
        lambda context: purge_rejected(
            context, delivery=delivery, reason=reason, everything=everything
        ),
    )
