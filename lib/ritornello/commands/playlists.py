"""The command make-playlists, which makes every listener's list for every moment."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ritornello.commands.launch import run
from ritornello.commands.options import Common, as_of_option, settings_options
from ritornello.playlists.moments import moment_named
from ritornello.settings.playlists import MAX_LENGTH, MIN_LENGTH

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("make-playlists")
@settings_options
@click.option(
    "--moment",
    "moments",
    multiple=True,
    help="default, workout, focus (study), walk, rest (chill) or a moment of the settings. May be "
    "repeated (default: all moments).",
)
@click.option(
    "--kind",
    type=click.Choice(["track", "artist"]),
    help="List recommended tracks, or the best tracks of recommended artists (item_kind).",
)
@click.option(
    "--length",
    type=click.IntRange(MIN_LENGTH, MAX_LENGTH),
    help="Number of tracks per list (playlists.length).",
)
@as_of_option
def playlists_command(
    as_of: datetime,
    moments: tuple[str, ...],
    kind: str | None,
    length: int | None,
    common: Common,
) -> int:
    """Make playlists for moments such as a workout.

    Run recommend first. Audio features come from build-catalogue. The command writes cand_tracks
    (every track that may be listed, with its final score) and playlists. docs/playlists.md explains
    how tracks are scored, limited and put in order.
    """
    common = common.having("item_kind", "--kind", kind).having(
        "playlists.length", "--length", length
    )
    settings = common.settings()
    for name in moments:
        moment_named(name, settings.playlists)  # a wrong name stops the job before Spark starts

    def body(context: "Context") -> str:
        from ritornello.night.make_playlists import make_playlists

        return make_playlists(context, as_of, moments=moments)

    return run("make-playlists", common, body, settings=settings)
