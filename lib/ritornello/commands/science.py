"""Commands for studies: statistics, comparisons, and generated pages of docs/."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ritornello import job
from ritornello.commands.inputs import ANY_FORMAT, format_of
from ritornello.commands.launch import run
from ritornello.commands.options import INSTANT, PAGE_OUT, page, settings_from, settings_options
from ritornello.errors import UsageError
from ritornello.methods.definitions import methods_page
from ritornello.sources.formats.docs import formats_page
from ritornello.study.compare_data import compare_data, compare_run
from ritornello.study.describe import describe
from ritornello.tables.docs import tables_page


@click.command("describe")
@settings_options
@click.option("--as-of", type=INSTANT, help="Use only earlier plays (default: all).")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files."
)
@click.option(
    "--name", default="", help="Heading of the column in the table (default: the warehouse's name)."
)
def describe_command(as_of: datetime | None, out: Path | None, name: str, **common: Any) -> int:
    """Compute statistics of the plays.

    With --out, write them as JSON, as a LaTeX table and as pictures.
    """
    return run(
        "describe",
        common,
        lambda context: describe(context, as_of=as_of, out=out, name=name),
    )


@click.command("compare")
@settings_options
@click.option("--data", "folder", required=True, help="Folder or URI of the data set.")
@ANY_FORMAT
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the report."
)
@click.option(
    "--protocol",
    type=click.Choice(["paper", "nightly"]),
    help="Protocol of the split (compare.protocol).",
)
@click.option(
    "--items", type=click.IntRange(min=1), help="Number of items to keep (compare.items)."
)
@click.option(
    "--methods",
    help="Methods, separated by commas (compare.methods; default: all of docs/methods.md).",
)
def compare_command(
    folder: str,
    data_format: str | None,
    out: Path | None,
    protocol: str | None,
    items: int | None,
    methods: str | None,
    **common: Any,
) -> int:
    """Compare methods on a data set.

    The data set is imported once, split, and used to tune and judge the methods. The folder --out
    (default build/compare/<data>-<hash>) then holds metrics.json, table.tex and report.html. The
    imported data set stays in build/datasets and is used again while its files are the same.
    """
    if common["warehouse"] is not None:
        raise UsageError(
            "compare makes warehouses of its own in build/: leave out --warehouse, or choose the "
            "folder of the report by --out"
        )
    chosen = {"protocol": protocol, "items": items, "methods": _listed(methods)}
    common["overrides"] = (
        *common["overrides"],
        *(f"compare.{name}={value}" for name, value in chosen.items() if value is not None),
    )
    stated = {override.partition("=")[0].strip() for override in common["overrides"]}
    data_format = format_of(folder, data_format, common)
    settings = settings_from(**common)
    comparison = compare_run(settings, folder, data_format=data_format, out=out, stated=stated)
    return job.run(
        "compare", comparison.settings, lambda context: compare_data(context, comparison)
    )


def _listed(methods: str | None) -> list[str] | None:
    if methods is None:
        return None
    names = [name.strip() for name in methods.split(",")]
    if not all(names):
        raise UsageError(f"--methods {methods!r} lacks a name: write names separated by commas")
    return names


@click.command("tables")
@PAGE_OUT
def tables_command(out: Path | None) -> int:
    """Print the contracts of all tables.

    This is docs/tables.md.
    """
    return page(tables_page(), out)


@click.command("methods")
@PAGE_OUT
def methods_command(out: Path | None) -> int:
    """Print the methods of a comparison.

    This is docs/methods.md.
    """
    return page(methods_page(), out)


@click.command("formats")
@PAGE_OUT
def formats_command(out: Path | None) -> int:
    """Print the formats of listening logs.

    This is docs/formats.md: files, keys, and the reasons for which an entry is no play.
    """
    return page(formats_page(), out)
