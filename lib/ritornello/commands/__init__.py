"""The commands: what each job does with its arguments, a file for every room.

A file registers its commands when it is imported; every file here is found, none is listed. Loading
Spark takes a second: commands that answer without it are named here and loaded alone.
"""

from importlib import import_module
from pkgutil import iter_modules

WITHOUT_SPARK = {"recommend": "listener"}


def load(name: str) -> None:
    """Register the command of that name, if there is one."""
    alone = WITHOUT_SPARK.get(name)
    if alone:
        import_module(f"{__name__}.{alone}")
    else:
        load_all()


def load_all() -> None:
    """Register every command."""
    for found in iter_modules(__path__):
        import_module(f"{__name__}.{found.name}")
