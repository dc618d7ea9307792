"""The command line: one command per job, the same options everywhere."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from ritornello import __version__, commands
from ritornello.config import Settings, load_settings
from ritornello.errors import INTERRUPTED, RitornelloError
from ritornello.instants import parse_instant

Command = Callable[..., Any]


class InstantParam(click.ParamType[datetime]):
    """A day or an instant, UTC; ``today`` is the last midnight, for schedulers without dates."""

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
    """--conf, --set and --warehouse, which every command takes."""
    for option in (
        click.option("--warehouse", help="Folder or URI of the tables (default ./warehouse)."),
        click.option("overrides", "--set", multiple=True, help="One setting: key.sub=value."),
        click.option(
            "files",
            "--conf",
            multiple=True,
            default=("conf/local.yaml",),
            show_default=True,
            help="Settings file; several are layered, later ones win.",
        ),
    ):
        command = option(command)
    return command


def settings_from(
    files: tuple[str, ...], overrides: tuple[str, ...], warehouse: str | None
) -> Settings:
    chosen = (*overrides, f"warehouse={warehouse}") if warehouse else overrides
    return load_settings(files, chosen)


as_of_option = click.option(
    "--as-of",
    type=INSTANT,
    required=True,
    help="Only plays before this day or instant are seen, e.g. 2024-12-26T15:54:00Z, or today.",
)


class Commands(click.Group):
    """Commands are loaded when they are asked for: one without Spark does not wait for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        commands.load_all()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        commands.load(cmd_name)
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__)
def cli() -> None:
    """Ritornello: what every listener will come back to, and what they would love next.

    
    A night is: import-plays, build-features, train-als, generate-candidates, train-ranker,
    recommend, evaluate; refresh runs them all in one session.
    Exit codes: 0 ok, 2 usage or settings, 3 bad input, 4 quality gate, 6 fit failed, 70 bug.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code the README lists."""
    try:
        code = cli.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except click.Abort:
        code = INTERRUPTED
    except RitornelloError as error:
        print(f"error: {error}", file=sys.stderr)
        code = error.exit_code
    sys.exit(code or 0)


def run_job(name: str) -> None:
    """What a file in jobs/ calls: its command, with the arguments given to spark-submit."""
    main([name, *sys.argv[1:]])
