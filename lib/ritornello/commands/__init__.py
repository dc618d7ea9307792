"""The commands, one file per part of the pipeline.

No file here loads Spark until a command runs: help, and an error in options or settings, come at once.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from ritornello.errors import UsageError

# what a person wants to do, the commands for it, and the file of each
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Begin": {
        "doctor": "operators",
        "generate": "deliveries",
        "refresh": "night",
        "settings": "reference",
    },
    "See what is served": {
        "recommend": "listener",
        "listeners": "listener",
        "make-playlists": "playlists",
        "bar": "serving",
    },
    "Look after the nights": {
        "status": "operators",
        "plan": "operators",
        "nights": "operators",
        "publish": "operators",
        "rollback": "operators",
        "backfill": "operators",
        "maintain": "operators",
        "migrate": "operators",
    },
    "Bring in plays and catalogues": {
        "convert": "deliveries",
        "import-plays": "deliveries",
        "replay-rejected": "deliveries",
        "list-rejected": "rejected",
        "purge-rejected": "rejected",
        "import-catalogue": "catalogue",
        "build-catalogue": "catalogue",
    },
    "Run one step of a night": {
        "build-recordings": "catalogue",
        "build-features": "night",
        "train-als": "night",
        "generate-candidates": "night",
        "train-ranker": "night",
        "evaluate": "night",
    },
    "Study": {
        "compare": "science",
        "artists": "artists",
        "describe": "science",
    },
    "Look things up": {
        "tables": "reference",
        "methods": "reference",
        "formats": "reference",
        "completion": "reference",
    },
}


def names() -> list[str]:
    """List the commands in the order of their groups."""
    return [name for group in GROUPS.values() for name in group]


def load(name: str) -> click.Command | None:
    """Load a command by name, None if there is none."""
    module = next((group[name] for group in GROUPS.values() if name in group), None)
    if module is None:
        return None
    values = vars(import_module(f"{__name__}.{module}")).values()
    command = next(one for one in values if isinstance(one, click.Command) and one.name == name)
    for param in command.params:
        if (
            isinstance(param.type, (click.types.StringParamType, click.Path))
            and param.default != ""
        ):
            param.type = Filled(param.type)
    return command


class Filled(click.ParamType[Any]):
    """A text or a path that may not be blank.

    A script with an unset variable passes '', which must not mean everything or the root folder.
    """

    def __init__(self, of: click.ParamType[Any]) -> None:
        self.of, self.name = of, of.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and not value.strip():
            raise UsageError(f"{_called(param)} is empty: give it a value, or leave it out")
        return self.of.convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return self.of.shell_complete(ctx, param, incomplete)


def _called(param: click.Parameter | None) -> str:
    """Return the name of an option or argument as people type it."""
    if param is None:
        return "a value"
    return param.opts[-1] if isinstance(param, click.Option) else (param.name or "").upper()
