"""Commands that look things up: generated pages of docs/, settings, shell completion."""

from pathlib import Path

import click

from ritornello.commands.options import PAGE_OUT, page
from ritornello.errors import UsageError

SHELLS = ("bash", "zsh", "fish")


@click.command("settings")
@PAGE_OUT
def settings_command(out: Path | None) -> int:
    """Print every setting with its default and meaning.

    This is conf/local.yaml, in the form of a settings file.
    """
    from ritornello.settings.page import settings_page

    return page(settings_page(), out)


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> int:
    """Print the script that completes commands and options in a shell.

    \b
    eval "$(ritornello completion bash)"           in ~/.bashrc; zsh likewise
    ritornello completion fish > ~/.config/fish/completions/ritornello.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"there is no completion for {shell}")
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "ritornello", "_RITORNELLO_COMPLETE").source())
    return 0


@click.command("tables")
@PAGE_OUT
def tables_command(out: Path | None) -> int:
    """Print the contracts of all tables.

    This is docs/tables.md.
    """
    from ritornello.tables.docs import tables_page

    return page(tables_page(), out)


@click.command("methods")
@PAGE_OUT
def methods_command(out: Path | None) -> int:
    """Print the methods of a comparison.

    This is docs/methods.md.
    """
    from ritornello.methods.definitions import methods_page

    return page(methods_page(), out)


@click.command("formats")
@PAGE_OUT
def formats_command(out: Path | None) -> int:
    """Print the formats of listening logs.

    This is docs/formats.md: files, keys, and the reasons why an entry is not a play.
    """
    from ritornello.sources.formats.docs import formats_page

    return page(formats_page(), out)
