"""Commands of the operators: plan, publication, rollback and upkeep."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ritornello.commands.launch import run
from ritornello.commands.options import (
    INSTANT,
    OUT_FOLDER,
    TAKE_OVER,
    Common,
    as_of_option,
    settings_options,
    writable,
)
from ritornello.errors import UsageError

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("doctor")
@settings_options
def doctor_command(common: Common) -> int:
    """Check whether this machine and the warehouse are ready for a night.

    It checks Java, jars, memory, cores, disks, tables, the clock and leases, without Spark, and says
    what to do about each fault. The exit code is 2 if there is a fault.
    """
    from ritornello.commands.state import show_findings

    return show_findings(common.settings(), as_json=common.as_json)


@click.command("status")
@settings_options
@click.option(
    "--last", type=click.IntRange(1, 1000), default=10, show_default=True, help="Number of runs."
)
def status_command(last: int, common: Common) -> int:
    """Show the served night, the last runs and the sizes of the tables."""
    from ritornello.commands.state import show_status

    return show_status(common.settings(), last, as_json=common.as_json)


@click.command("plan")
@settings_options
@as_of_option
def plan_command(as_of: datetime, common: Common) -> int:
    """Show what refresh would run, without running it.

    For each step it shows the reason, the rows it would read and those it usually writes. A step runs
    if an input slice, its settings or the code changed since its last successful run, if its output
    was overwritten, or if an earlier step renews its input.
    """

    def body(context: "Context") -> str:
        from ritornello.night.refresh import plan

        return plan(context, as_of)

    return run("plan", common, body)


@click.command("backfill")
@settings_options
@click.argument("first", metavar="FROM", type=INSTANT)
@click.argument("last", metavar="TO", type=INSTANT)
@TAKE_OVER
def backfill_command(first: datetime, last: datetime, take_over: bool, common: Common) -> int:
    """Run every night from FROM to TO, one per day.

    The lists that are served do not change. Nights that are up to date are skipped, so a back-fill
    that stopped continues where it was.
    """
    if last < first:
        raise UsageError("TO is before FROM: write backfill <first day> <last day>")

    def body(context: "Context") -> str:
        from ritornello.night.refresh import backfill

        return backfill(context, first, last, take_over=take_over)

    return run("backfill", common, body)


@click.command("publish")
@settings_options
@as_of_option
def publish_command(as_of: datetime, common: Common) -> int:
    """Audit the lists of a night and serve them.

    They may also replace the lists of a newer night. The limits are the settings under `audit`. If
    the audit fails, the lists served before stay, the exit code is 4, and an alert goes to
    RITORNELLO_ALERT_COMMAND and RITORNELLO_ALERT_WEBHOOK, where set.
    """

    def body(context: "Context") -> str:
        from ritornello.night.graph import run_step
        from ritornello.night.lists.shadow import shadow_of
        from ritornello.night.steps import publish_step

        shadow = shadow_of(context, as_of)
        step = publish_step(context, as_of, shadow=shadow, even_if_older=True)
        return str(run_step(context, step))

    return run("publish", common, body)


@click.command("rollback")
@settings_options
@click.option(
    "--to", type=INSTANT, help="Published night to serve (default: the one before the last)."
)
def rollback_command(to: datetime | None, common: Common) -> int:
    """Take back the night that was published last, and serve the one before again.

    A second rollback changes nothing: use --to to go further back, or forward again. The next night
    is published as usual, and builds on a night that was not taken back.
    """

    def body(context: "Context") -> str:
        from ritornello.night.publication.publish import rollback

        return rollback(context, to)

    return run("rollback", common, body)


@click.command("nights")
@settings_options
@click.option(
    "--last",
    type=click.IntRange(1, 366),
    default=30,
    show_default=True,
    help="Number of nights to show.",
)
@click.option("--out", type=OUT_FOLDER, help="Folder for nights.html and nights.json.")
def nights_command(last: int, out: Path | None, common: Common) -> int:
    """Show the last published nights.

    It shows their audits, their minutes, and how much of what was shown was played. With --out,
    nights.html draws the figures and nights.json holds them.
    """

    def body(context: "Context") -> str:
        from ritornello.night.publication.nights import nights

        return nights(context, last=last, out=writable(out))

    return run("nights", common, body)


@click.command("maintain")
@settings_options
@click.option("--apply", is_flag=True, help="Do it. Without this, only show what would be done.")
def maintain_command(apply: bool, common: Common) -> int:
    """Drop old slices, join small files, remove unused files.

    The setting `maintain.keep_days` says how long slices are kept, by table. The served night is
    always kept, and so is every file that a table version of the last week needs. Steps whose input
    files were joined run once more when their night is refreshed again.
    """

    def body(context: "Context") -> str:
        from ritornello.upkeep.maintain import maintain

        return maintain(context, apply=apply)

    return run("maintain", common, body)


@click.command("migrate")
@settings_options
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
def migrate_command(dry_run: bool, common: Common) -> int:
    """Bring a warehouse of an older version up to date.

    Until then every job refuses to use it. If a table cannot be brought up to date, the command says
    so before it changes anything.
    """

    def body(context: "Context") -> str:
        from ritornello.upkeep.migrate import migrate_warehouse

        return migrate_warehouse(context, dry_run=dry_run)

    return run("migrate", common, body)
