"""The commands, one file per part of the pipeline.

Loading Spark takes a second. Commands that work without it are listed in ``WITHOUT_SPARK``, and
only their file is loaded.
"""

from importlib import import_module
from pkgutil import iter_modules

import click

WITHOUT_SPARK = {"recommend": "listener"}


def load(name: str) -> dict[str, click.Command]:
    """Load the commands by name.

    Load a single file if this command needs no Spark, else every file.
    """
    alone = WITHOUT_SPARK.get(name)
    return _commands_of(alone) if alone else load_all()


def load_all() -> dict[str, click.Command]:
    """Load every command, by name."""
    commands: dict[str, click.Command] = {}
    for module in iter_modules(__path__):
        commands |= _commands_of(module.name)
    return commands


def _commands_of(module: str) -> dict[str, click.Command]:
    values = vars(import_module(f"{__name__}.{module}")).values()
    return {one.name: one for one in values if isinstance(one, click.Command) and one.name}
