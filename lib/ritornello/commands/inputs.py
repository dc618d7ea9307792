"""Options and settings of commands that read any listening log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ritornello.sources.formats.recognise import recognise
from ritornello.sources.formats.registry import FORMATS

ANY_FORMAT: Callable[..., Any] = click.option(
    "--format",
    "data_format",
    type=click.Choice(list(FORMATS)),
    help="Format of the files, as for convert (default: recognised by the files; "
    "a URI is a delivery).",
)


def format_of(folder: str, data_format: str | None, common: dict[str, Any]) -> str:
    """Return the format of a folder, and add the settings file of that format.

    The file is the one named after the format beside the first ``--conf``, and comes right after it,
    so that later files and ``--set`` win. Prints what was recognised.
    """
    why = f"{folder} is read as {data_format}"
    if data_format is None:
        recognised = recognise(folder)
        data_format = recognised.name
        why = f"{folder} is recognised as {data_format} ({recognised.why})"
    files: tuple[str, ...] = common["files"]
    own = Path(files[0]).parent / f"{data_format}.yaml" if files else None
    if own and own.exists() and str(own) not in files:
        common["files"] = (files[0], str(own), *files[1:])
        why += f", with the settings of {own}"
    if data_format != "nested":
        click.echo(f"  {why}")
    return data_format
