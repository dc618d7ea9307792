"""artists: the two-stage recommender of artists."""

from pathlib import Path
from typing import Any

import click

from ritornello import job
from ritornello.commands.options import settings_from, settings_options
from ritornello.study.artists.run import STAGES, artists_run, run_artists


@click.command("artists", epilog="\b\nStages: load, " + ", ".join(STAGES) + ", report.")
@settings_options
@click.option("--input", "folder", required=True, help="Folder or URI of the listening.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="For the files.")
@click.option(
    "--stage",
    type=click.Choice(["load", *STAGES, "report"]),
    help="One stage only, from the tables of those before it (default: all).",
)
@click.option("--top-n", type=int, help="artists.top_n: candidates by ALS.")
@click.option("--alphas", help="artists.alphas, by commas: shares of the ranker that are tried.")
@click.option("--k", type=int, help="artists.k: 5, 10, 40 or 100.")
@click.option("--seeds", help="artists.seeds, by commas: a random split for each.")
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
    """Artists never played: ALS proposes, LambdaRank orders, both judged by the same pairs.

    The folder holds Last.fm_data.csv, or interactions.parquet and tracks.parquet, or HetRec's
    user_artists.dat and artists.dat; beside them artists.csv and tracks.csv (audio and genres),
    user_friends.dat and user_taggedartists.dat are used where they are. Plays with times are split
    in time, counts by a hash.
    """
    chosen = {
        "top_n": top_n,
        "k": k,
        "alphas": alphas and f"[{alphas}]",
        "seeds": seeds and f"[{seeds}]",
    }
    overrides = (f"artists.{name}={value}" for name, value in chosen.items() if value)
    common["overrides"] = (*common["overrides"], *overrides)
    run = artists_run(settings_from(**common), folder, out, stage)
    return job.run("artists", run.settings, lambda context: run_artists(context, run))
