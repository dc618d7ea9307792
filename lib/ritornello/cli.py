"""The command line, with one command per job and shared options."""

import os
import signal
import sys
from difflib import get_close_matches
from types import FrameType

import click

from ritornello import __version__, commands
from ritornello.errors import EXIT_CODES, RitornelloError, UsageError
from ritornello.interrupts import SIGNALS, handled


class Commands(click.Group):
    """All commands in groups, each loaded when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return commands.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return commands.load(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in commands.names():
            near = get_close_matches(args[0], commands.names(), n=2)
            hint = f" Did you mean {' or '.join(near)}?" if near else " See ritornello --help."
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in commands.names())
        for title, group in commands.GROUPS.items():
            rows = []
            for name in group:
                command = commands.load(name)
                about = command.get_short_help_str(limit=90) if command else ""
                rows.append((name.ljust(width), about))
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__)
def cli() -> None:
    """Recommend music: tracks listeners will play again, and tracks they would love next.

    \b
    ritornello generate --out plays                        invented listening to try it with
    ritornello refresh --input plays --as-of 2025-01-06    a whole night, from plays to served lists
    ritornello listeners                                   who is there
    ritornello recommend 17                                one listener's list, in a second
    """


class _Stopped(BaseException):
    """Raised by a signal before or after a job.

    A job has handlers of its own.
    """

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number


def _stop(number: int, _: FrameType | None) -> None:
    raise _Stopped(signal.Signals(number))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code the README lists."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with handled(SIGNALS, _stop):
            code = cli.main(args=given, prog_name="ritornello", standalone_mode=False) or 0
    except _Stopped as stop:
        print(f"interrupted by {stop.number.name}", file=sys.stderr)
        code = 128 + stop.number
    except click.ClickException as error:
        error.show()
        code = _ended(given, UsageError.exit_code, error.format_message())
    except RitornelloError as error:
        code = _failed(given, f"error: {error}", error.exit_code)
    except BrokenPipeError:  # `ritornello … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        from ritornello.explain import explained_line

        code = _failed(given, *explained_line(error, " ".join(given[:1])))
    sys.exit(code)


def _failed(given: list[str], line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return _ended(given, code, line)


def _ended(given: list[str], code: int, line: str) -> int:
    """Alert the operators of an end before a job began."""
    from ritornello.telemetry import Telemetry

    Telemetry(given[0] if given else "ritornello").end(code, line, metrics_file=None)
    return code


def run_job(name: str) -> None:
    """Run a command with the arguments of spark-submit, as each file in jobs/ does."""
    main([name, *sys.argv[1:]])
