"""The command artists, the two-stage artist recommender."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ritornello.commands.inputs import check_place
from ritornello.commands.launch import run
from ritornello.commands.options import OUT_FOLDER, Common, Listed, settings_options, writable
from ritornello.study.artists.stages import STAGES

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("artists", epilog="\b\nStages: load, " + ", ".join(STAGES) + ", report.")
@settings_options
@click.option("--input", "folder", required=True, help="Folder or URI of the listening log.")
@click.option(
    "--out",
    type=OUT_FOLDER,
    help="Folder for the files (default: below build/artists).",
)
@click.option(
    "--stage",
    type=click.Choice(["load", *STAGES, "report"]),
    help="Run one stage only, on the tables of the stages before it (default: all stages).",
)
@click.option("--top-n", type=int, help="Number of candidates by ALS (artists.top_n).")
@click.option(
    "--alphas",
    type=Listed(float),
    help="Weights of the ranker to try, separated by commas (artists.alphas).",
)
@click.option("--k", type=int, help="Cut-off of the metrics: 5, 10, 40 or 100 (artists.k).")
@click.option(
    "--seeds", type=Listed(int), help="Seeds of random splits, separated by commas (artists.seeds)."
)
def artists_command(
    folder: str,
    out: Path | None,
    stage: str | None,
    top_n: int | None,
    alphas: list[float] | None,
    k: int | None,
    seeds: list[int] | None,
    common: Common,
) -> int:
    """Recommend artists that a listener never played.

    ALS proposes artists and LambdaRank orders them. Both are judged by the same pairs.

    The folder holds Last.fm_data.csv, or interactions.parquet and tracks.parquet, or HetRec's
    user_artists.dat and artists.dat. If it also holds artists.csv and tracks.csv (audio and genres),
    user_friends.dat or user_taggedartists.dat, these are used as well. Plays with times are split by
    time, counts by a hash.
    """
    for name, value in (("top_n", top_n), ("k", k), ("alphas", alphas), ("seeds", seeds)):
        common = common.having(f"artists.{name}", f"--{name.replace('_', '-')}", value)
    checked = common.settings()
    check_place(folder)
    from ritornello.study.artists.run import artists_run, run_artists

    chosen = artists_run(checked, folder, writable(out), stage)

    def body(context: "Context") -> str:
        return run_artists(context, chosen)

    return run("artists", common, body, settings=chosen.settings)
