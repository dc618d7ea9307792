"""Options that several commands share."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ritornello.instants import parse_instant
from ritornello.settings.loading import load_settings
from ritornello.settings.settings import Settings

Command = Callable[..., Any]


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


INSTANT = InstantParam()


def settings_options(command: Command) -> Command:
    """Add --conf, --set and --warehouse, which every command takes."""
    for option in (
        click.option("--warehouse", help="Folder or URI of the tables (default: ./warehouse)."),
        click.option(
            "overrides",
            "--set",
            multiple=True,
            help="One setting, as key.sub=value. May be repeated.",
        ),
        click.option(
            "files",
            "--conf",
            multiple=True,
            default=("conf/local.yaml",),
            show_default=True,
            help="Settings file. May be repeated; later files win.",
        ),
    ):
        command = option(command)
    return command


TAKE_OVER = click.option(
    "--take-over", is_flag=True, help="Take the lease of the day from a run that died."
)


def settings_from(
    files: tuple[str, ...], overrides: tuple[str, ...], warehouse: str | None
) -> Settings:
    chosen = (*overrides, f"warehouse={warehouse}") if warehouse else overrides
    return load_settings(files, chosen)


as_of_option = click.option(
    "--as-of",
    type=INSTANT,
    required=True,
    help="Use only plays before this day or instant, such as 2024-12-26T15:54:00Z or today.",
)


HORIZON = click.option(
    "--horizon", help="Days of test plays after the as-of instant, or to_end, for the evaluation."
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


def with_horizon(overrides: tuple[str, ...], horizon: str | None) -> tuple[str, ...]:
    if horizon is None:
        return overrides
    return (*overrides, f"evaluation.horizon_days={horizon}")


def page(text: str, out: Path | None) -> int:
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
    return 0
