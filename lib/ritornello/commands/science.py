"""Commands for studies: statistics of the plays, and comparisons of methods."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ritornello.commands.inputs import ANY_FORMAT, check_place, format_of
from ritornello.commands.launch import run
from ritornello.commands.options import (
    INSTANT,
    OUT_FOLDER,
    Common,
    Listed,
    settings_options,
    writable,
)
from ritornello.errors import UsageError

if TYPE_CHECKING:
    from ritornello.job import Context


@click.command("describe")
@settings_options
@click.option("--as-of", type=INSTANT, help="Use only earlier plays (default: all).")
@click.option("--out", type=OUT_FOLDER, help="Folder for the files.")
@click.option(
    "--name", default="", help="Heading of the column in the table (default: the warehouse's name)."
)
def describe_command(as_of: datetime | None, out: Path | None, name: str, common: Common) -> int:
    """Compute statistics of the plays.

    With --out, write them as JSON, as a LaTeX table and as pictures.
    """

    def body(context: "Context") -> str:
        from ritornello.study.describe import describe

        return describe(context, as_of=as_of, out=writable(out), name=name)

    return run("describe", common, body)


@click.command("compare")
@settings_options
@click.option("--data", "folder", required=True, help="Folder or URI of the data set.")
@ANY_FORMAT
@click.option("--out", type=OUT_FOLDER, help="Folder for the report.")
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
    type=Listed(),
    help="Methods, separated by commas (compare.methods; default: all of docs/methods.md).",
)
def compare_command(
    folder: str,
    data_format: str | None,
    out: Path | None,
    protocol: str | None,
    items: int | None,
    methods: list[str] | None,
    common: Common,
) -> int:
    """Compare methods on a data set.

    The data set is imported once, split, and used to tune and judge the methods. The folder --out
    (default build/compare/<data>-<hash>) then holds metrics.json, table.tex and report.html. The
    imported data set stays in build/datasets and is used again while its files are the same.
    """
    if "warehouse" in common.options:
        raise UsageError(
            "compare makes warehouses of its own in build/: leave out --warehouse, or choose the "
            "folder of the report by --out"
        )
    for name, value in (("protocol", protocol), ("items", items), ("methods", methods)):
        common = common.having(f"compare.{name}", f"--{name}", value)
    check_place(folder, "--data")
    data_format, common = format_of(folder, data_format, common)
    checked, stated = common.settings(), common.stated()
    from ritornello.study.compare_data import compare_data, compare_run

    comparison = compare_run(
        checked, folder, data_format=data_format, out=writable(out), stated=stated
    )

    def body(context: "Context") -> str:
        return compare_data(context, comparison)

    return run("compare", common, body, settings=comparison.settings)
