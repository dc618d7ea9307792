"""The commands: what each job does with its arguments."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ritornello import job
from ritornello.cli import INSTANT, as_of_option, cli, settings_from, settings_options
from ritornello.config import Settings
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.catalogue import methods_page
from ritornello.operations.candidates import generate_candidates
from ritornello.operations.compare_data import compare_data, compare_run
from ritornello.operations.convert import convert
from ritornello.operations.describe import describe
from ritornello.operations.evaluation import evaluate_night
from ritornello.operations.features import build_features
from ritornello.operations.import_plays import import_plays
from ritornello.operations.models import train_als
from ritornello.operations.night import learn, refresh
from ritornello.operations.replay_rejected import replay_rejected
from ritornello.operations.serving import recommend
from ritornello.sources.formats.registry import FORMATS
from ritornello.sources.generator import write as write_generated
from ritornello.tables.docs import tables_page

HORIZON = click.option(
    "--horizon", help="Test plays: days after the as-of instant, or to_end (evaluation only)."
)
INPUT_KIND = click.option(
    "--kind", type=click.Choice(["full", "increment"]), default="full", show_default=True
)
RECEIVED_UNTIL = click.option(
    "--received-until",
    type=INSTANT,
    help="Later plays are in the future (default: the newest play).",
)


def _with_horizon(overrides: tuple[str, ...], horizon: str | None) -> tuple[str, ...]:
    if horizon is None:
        return overrides
    return (*overrides, f"evaluation.horizon_days={horizon}")


@cli.command("generate")
@settings_options
@click.option("--out", required=True, help="Folder for interactions.parquet and tracks.parquet.")
def generate_command(out: str, **common: Any) -> int:
    """Write invented listening histories: a smoke and scale test, never evidence of quality."""
    settings = settings_from(**common)

    def body(context: Context) -> str:
        with context.step("generate"):
            partitions = 2 * settings.spark.shuffle_partitions
            write_generated(context.spark, settings.generator, out, partitions=partitions)
        return f"{settings.generator.listeners:,} invented listeners are in {out}"

    return job.run("generate", settings, body)


@cli.command(
    "convert",
    epilog="\b\nFormats:\n"
    + "\n".join(f"  {name:<15} {one.about}" for name, one in FORMATS.items()),
)
@settings_options
@click.option("--format", "name", type=click.Choice(list(FORMATS)), required=True)
@click.option("--input", "folder", required=True, help="Folder or URI of the outside files.")
@click.option("--out", required=True, help="Folder or URI of the delivery; what is there goes.")
@click.option(
    "--without-track-id",
    type=click.Choice(["reject", "names"]),
    help="Events without a track id: no plays, or known by artist and track name.",
)
def convert_command(
    name: str, folder: str, out: str, without_track_id: str | None, **common: Any
) -> int:
    """Turn an outside listening log into a delivery for import-plays.

    Writes interactions.parquet, tracks.parquet, listeners.parquet (the listeners' own keys) and
    quarantine.parquet: file, line, reason and text of every entry that is no play.
    """
    if without_track_id is not None:
        override = f"formats.without_track_id={without_track_id}"
        common["overrides"] = (*common["overrides"], override)
    return _run(
        "convert",
        common,
        lambda context: convert(context, name=name, folder=folder, out=out),
    )


@cli.command("import-plays")
@settings_options
@INPUT_KIND
@RECEIVED_UNTIL
@click.option("--input", "folder", required=True, help="Folder or URI of the two parquet files.")
def import_command(folder: str, kind: str, received_until: datetime | None, **common: Any) -> int:
    """Check, explode and triage a delivery; the same delivery again changes nothing."""
    return _run(
        "import-plays",
        common,
        lambda context: import_plays(
            context, folder=folder, kind=kind, received_until=received_until
        ),
    )


@cli.command("replay-rejected")
@settings_options
def replay_command(**common: Any) -> int:
    """Take in the plays that were rejected for a track the catalogue knows by now."""
    return _run("replay-rejected", common, replay_rejected)


@cli.command("build-features")
@settings_options
@as_of_option
def features_command(as_of: datetime, **common: Any) -> int:
    """Histories, item statistics and profiles as of an instant."""
    return _derive("build-features", common, as_of, build_features)


@cli.command("train-als")
@settings_options
@as_of_option
def als_command(as_of: datetime, **common: Any) -> int:
    """ALS factors as of an instant (needs build-features)."""
    return _derive("train-als", common, as_of, train_als)


@cli.command("generate-candidates")
@settings_options
@as_of_option
def candidates_command(as_of: datetime, **common: Any) -> int:
    """What every source proposes to every listener (needs train-als)."""
    return _derive("generate-candidates", common, as_of, generate_candidates)


@cli.command("train-ranker")
@settings_options
@as_of_option
def ranker_command(as_of: datetime, **common: Any) -> int:
    """Train LambdaRank on past as-of days, whose features are built on the way."""
    return _run("train-ranker", common, lambda context: learn(context, as_of))


@cli.command("recommend")
@settings_options
@as_of_option
def recommend_command(as_of: datetime, **common: Any) -> int:
    """Ranked lists for every listener (needs candidates and a ranker)."""
    return _derive("recommend", common, as_of, recommend)


@cli.command("evaluate")
@settings_options
@HORIZON
@as_of_option
def evaluate_command(as_of: datetime, horizon: str | None, **common: Any) -> int:
    """Judge the lists and every baseline by what was played afterwards."""
    common["overrides"] = _with_horizon(common["overrides"], horizon)
    return _run("evaluate", common, lambda context: evaluate_night(context, as_of))


@cli.command("refresh")
@settings_options
@HORIZON
@INPUT_KIND
@RECEIVED_UNTIL
@click.option("--input", "folder", help="Import this folder or URI first.")
@as_of_option
def refresh_command(
    as_of: datetime,
    folder: str | None,
    kind: str,
    received_until: datetime | None,
    horizon: str | None,
    **common: Any,
) -> int:
    """A whole night in one session: features, models, candidates, lists, evaluation."""
    common["overrides"] = _with_horizon(common["overrides"], horizon)

    def body(context: Context) -> str:
        if folder:
            told = import_plays(context, folder=folder, kind=kind, received_until=received_until)
            context.console.print(f"  {told}", highlight=False)
        return refresh(context, as_of)

    return _run("refresh", common, body)


@cli.command("describe")
@settings_options
@click.option("--as-of", type=INSTANT, help="Only plays before it are seen (default: all).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write it there.")
@click.option("--name", default="", help="Head of the column (default: the warehouse's name).")
def describe_command(as_of: datetime | None, out: Path | None, name: str, **common: Any) -> int:
    """Statistics of the plays: figures, a LaTeX table and pictures."""
    return _run(
        "describe",
        common,
        lambda context: describe(context, as_of=as_of, out=out, name=name),
    )


@cli.command("compare")
@settings_options
@click.option("--data", "folder", required=True, help="Folder or URI with the data set's files.")
@click.option(
    "--format",
    "data_format",
    type=click.Choice(list(FORMATS)),
    default="nested",
    show_default=True,
    help="As of convert.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="For the report.")
@click.option("--protocol", type=click.Choice(["paper", "nightly"]), help="compare.protocol")
@click.option("--items", type=int, help="compare.items: reduce to so many drawn items.")
@click.option("--methods", help="compare.methods, by commas; default: all (docs/methods.md).")
def compare_command(
    folder: str,
    data_format: str,
    out: Path | None,
    protocol: str | None,
    items: int | None,
    methods: str | None,
    **common: Any,
) -> int:
    """Compare methods on a data set: import (once), split, tune, judge, and write a report.


    OUT then holds metrics.json, table.tex and report.html; default build/compare/<data>-<hash>.
    What was imported lies in build/datasets and is used again as long as the files are the same.
    """
    chosen = {"protocol": protocol, "items": items, "methods": methods and f"[{methods}]"}
    common["overrides"] = (
        *common["overrides"],
        *(f"compare.{name}={value}" for name, value in chosen.items() if value),
    )
    settings = settings_from(**common)
    run = compare_run(settings, folder, data_format=data_format, out=out)
    return job.run("compare", run.settings, lambda context: compare_data(context, run))


PAGE_OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there."
)


@cli.command("tables")
@PAGE_OUT
def tables_command(out: Path | None) -> int:
    """Print what every table promises (docs/tables.md)."""
    return _page(tables_page(), out)


@cli.command("methods")
@PAGE_OUT
def methods_command(out: Path | None) -> int:
    """Print every method a comparison knows (docs/methods.md)."""
    return _page(methods_page(), out)


def _page(text: str, out: Path | None) -> int:
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
    return 0


def _run(name: str, common: dict[str, Any], body: Any) -> int:
    settings: Settings = settings_from(**common)
    return job.run(name, settings, body)


def _derive(name: str, common: dict[str, Any], as_of: datetime, step: Any) -> int:
    def body(context: Context) -> str:
        step(context, as_of)
        return f"{name} as of {iso(as_of)} is done"

    return _run(name, common, body)
