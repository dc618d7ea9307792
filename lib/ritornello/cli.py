"""The command line, with one command per job and shared options."""

import sys

import click

from ritornello import __version__, commands
from ritornello.errors import INTERRUPTED, RitornelloError


class Commands(click.Group):
    """All commands, each loaded when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(commands.load_all())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return commands.load(cmd_name).get(cmd_name)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__)
def cli() -> None:
    """Recommend music: tracks listeners will play again, and tracks they would love next.

    
    A night runs import-plays, build-features, train-als, generate-candidates, train-ranker,
    recommend and evaluate. refresh runs them all in one session.
    Exit codes: 0 ok, 2 usage or settings, 3 bad input, 4 quality gate, 5 another run is at work,
    6 fit failed, 7 a damaged file of the warehouse, 70 bug, 130 interrupted.
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
    """Run a command with the arguments of spark-submit, as each file in jobs/ does."""
    main([name, *sys.argv[1:]])
