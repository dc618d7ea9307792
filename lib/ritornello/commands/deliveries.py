"""Commands of the intake: generate, convert, import-plays, replay-rejected."""

from datetime import datetime
from typing import Any

import click

from ritornello import job
from ritornello.commands.launch import run
from ritornello.commands.options import INPUT_KIND, RECEIVED_UNTIL, settings_from, settings_options
from ritornello.generator.write import write as write_generated
from ritornello.intake.convert import convert
from ritornello.intake.import_plays import import_plays
from ritornello.intake.replay_rejected import replay_rejected
from ritornello.job import Context
from ritornello.sources.formats.registry import FORMATS


@click.command("generate")
@settings_options
@click.option("--out", required=True, help="Folder for interactions.parquet and tracks.parquet.")
def generate_command(out: str, **common: Any) -> int:
    """Write invented listening histories.

    They serve smoke tests and scale tests, and are never evidence of quality.
    """
    settings = settings_from(**common)

    def body(context: Context) -> str:
        with context.step("generate"):
            partitions = 2 * settings.spark.shuffle_partitions
            write_generated(context.spark, settings.generator, out, partitions=partitions)
        return f"{settings.generator.listeners:,} invented listeners are in {out}"

    return job.run("generate", settings, body)


@click.command(
    "convert",
    epilog="\b\nFormats:\n"
    + "\n".join(f"  {name:<15} {one.about}" for name, one in FORMATS.items()),
)
@settings_options
@click.option(
    "--format",
    "name",
    type=click.Choice(list(FORMATS)),
    required=True,
    help="Format of the files; see below.",
)
@click.option("--input", "folder", required=True, help="Folder or URI of the external files.")
@click.option(
    "--out", required=True, help="Folder or URI of the delivery. Its files are overwritten."
)
@click.option(
    "--without-track-id",
    type=click.Choice(["reject", "names"]),
    help="Reject events without a track id, or identify the track by artist and track name.",
)
def convert_command(
    name: str, folder: str, out: str, without_track_id: str | None, **common: Any
) -> int:
    """Convert a listening log into a delivery for import-plays.

    Prints every file of the folder as read, ignored or refused, with the reason. Zip archives are
    unpacked under --out while it runs.

    Writes interactions.parquet, tracks.parquet, listeners.parquet (the listeners' own keys) and
    quarantine.parquet, which has file, line, reason and text of every entry that is not a play.
    """
    if without_track_id is not None:
        override = f"formats.without_track_id={without_track_id}"
        common["overrides"] = (*common["overrides"], override)
    return run(
        "convert",
        common,
        lambda context: convert(context, name=name, folder=folder, out=out),
    )


@click.command("import-plays")
@settings_options
@INPUT_KIND
@RECEIVED_UNTIL
@click.option(
    "--input",
    "folder",
    required=True,
    help="Folder or URI of the delivery: interactions.parquet and tracks.parquet.",
)
def import_command(folder: str, kind: str, received_until: datetime | None, **common: Any) -> int:
    """Import the plays of a delivery.

    Plays that cannot be trusted are rejected, each with a reason. Importing the same delivery again
    changes nothing.
    """
    return run(
        "import-plays",
        common,
        lambda context: import_plays(
            context, folder=folder, kind=kind, received_until=received_until
        ),
    )


@click.command("replay-rejected")
@settings_options
def replay_command(**common: Any) -> int:
    """Import rejected plays whose track is known by now."""
    return run("replay-rejected", common, replay_rejected)
