"""The command make-playlists, which makes every listener's list for every moment."""

from datetime import datetime
from typing import Any

import click

from ritornello.commands.launch import run
from ritornello.commands.options import as_of_option, settings_from, settings_options
from ritornello.night.make_playlists import make_playlists
from ritornello.playlists.moments import moment_named
from ritornello.settings.playlists import MAX_LENGTH, MIN_LENGTH


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
    **common: Any,
) -> int:
    """Make playlists for moments such as a workout.

    Run recommend first. Audio features come from build-catalogue. The command writes cand_tracks
    (every track that may be listed, with its final score) and playlists. docs/playlists.md explains
    how tracks are scored, limited and put in order.
    """
    chosen = {"item_kind": kind, "playlists.length": length}
    overrides = (f"{key}={value}" for key, value in chosen.items() if value is not None)
    common["overrides"] = (*common["overrides"], *overrides)
    settings = settings_from(**common)
    for name in moments:
        moment_named(name, settings.playlists)  # a wrong name stops the job before Spark starts
    return run(
        "make-playlists", common, lambda context: make_playlists(context, as_of, moments=moments)
    )
