"""Identify the code that ran by version and hash."""

import functools
import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

from ritornello import __version__


@functools.cache
def code_version() -> str:
    """Return the package's version and a short hash of its source files.

    It also works from within a zip.
    """
    digest = hashlib.sha256()
    _feed(digest, resources.files("ritornello"))
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _feed(digest: "hashlib._Hash", folder: Traversable) -> None:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir() and entry.name != "__pycache__":
            _feed(digest, entry)
        elif entry.name.endswith(".py"):
            digest.update(entry.name.encode() + entry.read_bytes())
