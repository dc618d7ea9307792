"""Options that several commands share. Nothing here loads Spark."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import click

from ritornello.errors import UsageError
from ritornello.instants import parse_instant
from ritornello.settings.settings import Settings

Command = Callable[..., Any]


@dataclass(frozen=True)
class Common:
    """The settings of a command, and the form of its output.

    ``options`` maps a setting to the option of the command line that gives it, and its value.
    """

    files: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    as_json: bool = False

    def having(self, setting: str, option: str, value: Any) -> Self:
        """Return a copy with one more option's setting. None adds nothing."""
        if value is None:
            return self
        return replace(self, options={**self.options, setting: (option, value)})

    def stated(self) -> set[str]:
        """Return the settings that the command line itself names."""
        return {one.partition("=")[0].strip() for one in self.overrides} | set(self.options)

    def settings(self) -> Settings:
        from ritornello.settings.loading import load_settings

        return load_settings(self.files, self.overrides, self.options)


class InstantParam(click.ParamType[datetime]):
    """A day or an instant in UTC.

    ``today`` is the last midnight, for schedulers that cannot insert a date.
    """

    name = "instant"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if value == "today":
            return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            return parse_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class HorizonParam(click.ParamType["float | str"]):
    """A number of days, or ``to_end``."""

    name = "days"

    def convert(self, value: Any, param: Any, ctx: Any) -> float | str:
        if value == "to_end":
            return "to_end"
        try:
            return float(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number of days nor to_end", param, ctx)


class Listed(click.ParamType[list[Any]]):
    """Values separated by commas."""

    name = "list"

    def __init__(self, kind: Callable[[str], Any] = str) -> None:
        self.kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        parts = [part.strip() for part in value.split(",")]
        if not all(parts):
            self.fail(f"{value!r} lacks a value: separate values by single commas", param, ctx)
        try:
            return [self.kind(part) for part in parts]
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers separated by commas", param, ctx)


INSTANT = InstantParam()
OUT_FOLDER = click.Path(file_okay=False, path_type=Path)


def settings_options(command: Command) -> Command:
    """Add --conf, --set, --warehouse and --json, and pass them on as ``common``."""

    @functools.wraps(command)
    def with_common(
        *args: Any,
        files: tuple[str, ...],
        overrides: tuple[str, ...],
        warehouse: str | None,
        as_json: bool,
        **rest: Any,
    ) -> Any:
        common = Common(files, overrides, as_json=as_json)
        return command(*args, common=common.having("warehouse", "--warehouse", warehouse), **rest)

    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="Print the results as one JSON object."
        ),
        click.option(
            "--warehouse", metavar="URI", help="Folder or URI of the tables (default: ./warehouse)."
        ),
        click.option(
            "overrides",
            "--set",
            multiple=True,
            metavar="KEY.SUB=VALUE",
            help="One setting (see: ritornello settings). May be repeated.",
        ),
        click.option(
            "files",
            "--conf",
            multiple=True,
            metavar="FILE",
            help="Settings that differ from the defaults. May be repeated; later files win.",
        ),
    ):
        with_common = option(with_common)
    return with_common


TAKE_OVER = click.option(
    "--take-over",
    is_flag=True,
    help="Take the lease of the day from any other run. Use it only if that run is dead.",
)
as_of_option = click.option(
    "--as-of",
    type=INSTANT,
    required=True,
    help="Use only plays before this day or instant, such as 2024-12-26T15:54:00Z or today.",
)
HORIZON = click.option(
    "--horizon",
    type=HorizonParam(),
    help="Days of test plays after the as-of instant, or to_end, for the evaluation.",
)
INPUT_KIND = click.option(
    "--kind",
    type=click.Choice(["full", "increment"]),
    default="full",
    show_default=True,
    help="full: the delivery holds all plays of its listeners; increment: only further plays.",
)
RECEIVED_UNTIL = click.option(
    "--received-until",
    type=INSTANT,
    help="Reject later plays as lying in the future (default: the time of the import).",
)
PAGE_OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write (default: print the page).",
)


def with_horizon(common: Common, horizon: float | str | None) -> Common:
    return common.having("evaluation.horizon_days", "--horizon", horizon)


def writable(out: Path | None) -> Path | None:
    """Make the folder of an --out and return it.

    Raise UsageError if it cannot be made.
    """
    if out is not None:
        make_folder(out)
    return out


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--out {folder} cannot be made ({error.strerror}): name another folder"
        ) from None


def page(text: str, out: Path | None) -> int:
    if out is None:
        click.echo(text, nl=False)
        return 0
    make_folder(out.parent)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"--out {out} cannot be written ({error.strerror}): name another file"
        ) from None
    return 0
