"""Commands for the curious: statistics, comparisons, and the pages of docs/."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ritornello import job
from ritornello.commands.launch import run
from ritornello.commands.options import INSTANT, PAGE_OUT, page, settings_from, settings_options
from ritornello.methods.definitions import methods_page
from ritornello.sources.formats.registry import FORMATS
from ritornello.study.compare_data import compare_data, compare_run
from ritornello.study.describe import describe
from ritornello.tables.docs import tables_page


@click.command("describe")
@settings_options
@click.option("--as-of", type=INSTANT, help="Only plays before it are seen (default: all).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write it there.")
@click.option("--name", default="", help="Head of the column (default: the warehouse's name).")
def describe_command(as_of: datetime | None, out: Path | None, name: str, **common: Any) -> int:
    """Statistics of the plays: figures, a LaTeX table and pictures."""
    return run(
        "describe",
        common,
        lambda context: describe(context, as_of=as_of, out=out, name=name),
    )


@click.command("compare")
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
    comparison = compare_run(settings, folder, data_format=data_format, out=out)
    return job.run(
        "compare", comparison.settings, lambda context: compare_data(context, comparison)
    )


@click.command("tables")
@PAGE_OUT
def tables_command(out: Path | None) -> int:
    """Print what every table promises (docs/tables.md)."""
    return page(tables_page(), out)


@click.command("methods")
@PAGE_OUT
def methods_command(out: Path | None) -> int:
    """Print every method a comparison knows (docs/methods.md)."""
    return page(methods_page(), out)
