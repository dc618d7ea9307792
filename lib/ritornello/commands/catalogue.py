"""Commands of the catalogue: import-catalogue, build-catalogue, build-recordings."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ritornello.commands.inputs import check_place
from ritornello.commands.launch import run
from ritornello.commands.options import (
    OUT_FOLDER,
    Common,
    as_of_option,
    settings_options,
    writable,
)
from ritornello.instants import iso

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("import-catalogue")
@settings_options
@click.option("--input", "folder", required=True, help="Folder or URI of the CSV files.")
def import_catalogue_command(folder: str, common: Common) -> int:
    """Import a catalogue of artists and tracks.

    The folder holds artists.csv (id,followers,genres,name,popularity), tracks.csv (id, name, artists,
    release date and audio features in 20 columns) and optionally aliases.csv (alias,name: other
    spellings of artists' names). Each file may be gzipped. Lists are written as in Python, and an
    unknown value is an empty field.

    Broken lines go to the table catalogue_rejects with file, line and reason. The new catalogue
    replaces the one imported before.
    """

    def body(context: "Context") -> str:
        from ritornello.intake.catalogue.import_catalogue import import_catalogue

        return import_catalogue(context, folder=folder)

    check_place(folder)
    return run("import-catalogue", common, body, inputs=[folder])


@click.command("build-catalogue")
@settings_options
@as_of_option
@click.option("--out", type=OUT_FOLDER, help="Folder for CSV files as well.")
def build_catalogue_command(as_of: datetime, out: Path | None, common: Common) -> int:
    """Match played artists and tracks to the catalogue.

    It also makes the artist vectors. Run import-catalogue first. With --out, the folder holds
    artist_genre_aggregates.csv, artist_features_weighted.csv, joined.csv, joined_with_features.csv,
    unmatched.csv, artist_features_joined.csv, homonyms.csv and coverage.json.

    The settings are catalogue.normaliser, .homonyms, .vectors, .fuzzy_threshold and .min_plays.
    """

    def body(context: "Context") -> str:
        from ritornello.intake.catalogue.build_catalogue import build_catalogue

        build_catalogue(context, as_of, out=out)
        where = f": files in {out}" if out else ""
        return f"build-catalogue as of {iso(as_of)} is done{where}"

    writable(out)
    return run("build-catalogue", common, body)


@click.command("build-recordings")
@settings_options
@as_of_option
def build_recordings_command(as_of: datetime, common: Common) -> int:
    """Unite tracks that are versions of one song.

    refresh and build-features do so by themselves. The table recordings says which tracks count as
    another one, and by which rule. The settings are catalogue.unite_recordings and
    catalogue.duration_tolerance_seconds.
    """

    def body(context: "Context") -> str:
        from ritornello.night.graph import run_step
        from ritornello.night.state_steps import unite_step

        return str(run_step(context, unite_step(context, as_of)))

    return run("build-recordings", common, body)
