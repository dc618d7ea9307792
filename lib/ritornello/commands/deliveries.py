"""Commands of the intake: generate, convert, import-plays, replay-rejected."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ritornello.commands.inputs import check_delivery, check_place, format_of
from ritornello.commands.launch import run
from ritornello.commands.options import INPUT_KIND, RECEIVED_UNTIL, Common, settings_options
from ritornello.sources.formats.names import ABOUT

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("generate")
@settings_options
@click.option("--out", required=True, help="Folder for interactions.parquet and tracks.parquet.")
def generate_command(out: str, common: Common) -> int:
    """Write invented listening histories.

    They serve smoke tests and scale tests, and are never evidence of quality.
    """

    def body(context: "Context") -> str:
        from ritornello.generator.write import write

        settings = context.settings
        with context.step("generate"):
            partitions = 2 * settings.spark.shuffle_partitions
            write(context.spark, settings.generator, out, partitions=partitions)
        return f"{settings.generator.listeners:,} invented listeners are in {out}"

    return run("generate", common, body, settings=common.settings())


@click.command(
    "convert",
    epilog="\b\nFormats:\n" + "\n".join(f"  {name:<15} {about}" for name, about in ABOUT.items()),
)
@settings_options
@click.option(
    "--format",
    "name",
    type=click.Choice(list(ABOUT)),
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
    name: str, folder: str, out: str, without_track_id: str | None, common: Common
) -> int:
    """Convert a listening log into a delivery for import-plays.

    Prints every file of the folder as read, ignored or refused, with the reason. Zip archives are
    unpacked under --out while it runs.

    Writes interactions.parquet, tracks.parquet, listeners.parquet (the listeners' own keys) and
    quarantine.parquet, which has file, line, reason and text of every entry that is not a play.
    """

    def body(context: "Context") -> str:
        from ritornello.intake.convert import convert

        return convert(context, name=name, folder=folder, out=out)

    option = "--without-track-id"
    common = common.having("formats.without_track_id", option, without_track_id)
    check_place(folder)
    _, common = format_of(folder, name, common)
    return run("convert", common, body, inputs=[folder])


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
def import_command(folder: str, kind: str, received_until: datetime | None, common: Common) -> int:
    """Import the plays of a delivery.

    Plays that cannot be trusted are rejected, each with a reason. Importing the same delivery again
    changes nothing.
    """

    def body(context: "Context") -> str:
        from ritornello.intake.import_plays import import_plays

        return import_plays(context, folder=folder, kind=kind, received_until=received_until)

    check_delivery(folder)
    return run("import-plays", common, body, inputs=[folder])


@click.command("replay-rejected")
@settings_options
def replay_command(common: Common) -> int:
    """Import rejected plays whose track is known by now."""

    def body(context: "Context") -> str:
        from ritornello.intake.replay_rejected import replay_rejected

        return replay_rejected(context)

    return run("replay-rejected", common, body)
