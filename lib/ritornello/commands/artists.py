"""The command artists, the two-stage artist recommender."""

from pathlib import Path
from typing import Any

import click

from ritornello import job
from ritornello.commands.options import settings_from, settings_options
from ritornello.study.artists.run import STAGES, artists_run, run_artists


@click.command("artists", epilog="\b\nStages: load, " + ", ".join(STAGES) + ", report.")
@settings_options
@click.option("--input", "folder", required=True, help="Folder or URI of the listening log.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files (default: below build/artists).",
)
@click.option(
    "--stage",
    type=click.Choice(["load", *STAGES, "report"]),
    help="Run one stage only, on the tables of the stages before it (default: all stages).",
)
@click.option("--top-n", type=int, help="Number of candidates by ALS (artists.top_n).")
@click.option(
    "--alphas", help="Weights of the ranker to try, separated by commas (artists.alphas)."
)
@click.option("--k", type=int, help="Cut-off of the metrics: 5, 10, 40 or 100 (artists.k).")
@click.option("--seeds", help="Seeds of random splits, separated by commas (artists.seeds).")
def artists_command(
    folder: str,
    out: Path | None,
    stage: str | None,
    top_n: int | None,
    alphas: str | None,
    k: int | None,
    seeds: str | None,
    **common: Any,
) -> int:
    """Recommend artists that a listener never played.

    ALS proposes artists and LambdaRank orders them. Both are judged by the same pairs.

    The folder holds Last.fm_data.csv, or interactions.parquet and tracks.parquet, or HetRec's
    user_artists.dat and artists.dat. If it also holds artists.csv and tracks.csv (audio and genres),
    user_friends.dat or user_taggedartists.dat, these are used as well. Plays with times are split by
    time, counts by a hash.
    """
    chosen = {
        "top_n": top_n,
        "k": k,
        "alphas": None if alphas is None else f"[{alphas}]",
        "seeds": None if seeds is None else f"[{seeds}]",
    }
    overrides = (f"artists.{name}={value}" for name, value in chosen.items() if value is not None)
    common["overrides"] = (*common["overrides"], *overrides)
    run = artists_run(settings_from(**common), folder, out, stage)
    return job.run("artists", run.settings, lambda context: run_artists(context, run))
