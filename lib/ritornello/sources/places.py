"""Tell local places from URIs of other file systems."""

import re
from pathlib import Path
from urllib.parse import unquote

URI = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def local_path(place: str) -> Path | None:
    """Return the path of a local place or file:// URI.

    None stands for a place of another file system.
    """
    if place.startswith("file:"):
        return Path(unquote(re.sub("^file:/+", "/", place)))
    return None if URI.match(place) else Path(place)
