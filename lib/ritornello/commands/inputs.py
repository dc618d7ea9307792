"""Options and settings of commands that read any listening log."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ritornello.commands.options import Common
from ritornello.errors import BadInputError, UsageError
from ritornello.resources import conf_file
from ritornello.sources.formats.names import ABOUT
from ritornello.sources.places import local_path
from ritornello.sources.small import is_small

DELIVERED = ("interactions", "counts")  # without times of plays, it is counts that say so

ANY_FORMAT: Callable[..., Any] = click.option(
    "--format",
    "data_format",
    type=click.Choice(list(ABOUT)),
    help="Format of the files, as for convert (default: recognised by the files; "
    "a URI is a delivery).",
)


def check_place(place: str, option: str = "--input") -> None:
    """Refuse an empty name or a missing local place before Spark starts."""
    if not place.strip():
        raise UsageError(f"{option} is empty: name a folder, a file or a URI")
    local = local_path(place)
    if local is not None and not local.exists():
        raise BadInputError(f"{place}: there is no such folder or file")


def check_delivery(folder: str) -> None:
    """Refuse a local folder that holds no delivery, before Spark starts.

    A listening log of another format is named, with the commands that read it.
    """
    check_place(folder)
    local = local_path(folder)
    if local is None or any((local / f"{name}.parquet").exists() for name in DELIVERED):
        return
    from ritornello.sources.formats.recognise import recognise

    log = recognise(folder)
    raise BadInputError(
        f"{folder}: holds a log of the format {log.name} ({log.why}) and no interactions.parquet: "
        "run convert first, or give the log to refresh --input, which converts it"
    )


def format_of(folder: str, data_format: str | None, common: Common) -> tuple[str, Common]:
    """Return the format of a folder, and settings with the file for it.

    The file is the one named after the format, beside the first ``--conf`` or of those that come with
    Ritornello. It comes right after the first ``--conf``, so that later files and ``--set`` win.
    Prints what was recognised.
    """
    common.settings()  # a slip there is said before any file is opened
    why = f"{folder} is read as {data_format}"
    if data_format is None:
        from ritornello.sources.formats.recognise import recognise

        recognised = recognise(folder)
        data_format = recognised.name
        why = f"{folder} is recognised as {data_format} ({recognised.why})"
    own = _settings_of(data_format, common.files)
    if own and str(own) not in common.files:
        common = replace(common, files=(*common.files[:1], str(own), *common.files[1:]))
        why += f", with the settings of {own.name}"
    if data_format != "nested":
        click.echo(f"  {why}", err=common.as_json)
    return data_format, common


def quick_if_small(common: Common, *inputs: str) -> Common:
    """Return settings with ``spark.short_job`` where little is stored and read.

    A value that the settings or the command line give is kept.
    """
    settings = common.settings()
    if settings.spark.short_job is not None:
        return common
    is_short = is_small(f"{settings.warehouse}/plays", *inputs)
    return common.having("spark.short_job", "--input", is_short or None)


def _settings_of(data_format: str, files: tuple[str, ...]) -> Path | None:
    beside = Path(files[0]).parent / f"{data_format}.yaml" if files else None
    return beside if beside and beside.is_file() else conf_file(f"{data_format}.yaml")
