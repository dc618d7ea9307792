"""Recognise data so small that compiling queries is most of the work."""

from collections.abc import Iterator
from pathlib import Path

from ritornello.sources.places import local_path

SMALL = 16 << 20  # bytes of text, some 130,000 plays
COMPRESSED = {".parquet", ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z"}
TIMES_LARGER = 10  # what a compressed file holds, at most in practice


def is_small(*places: str) -> bool:
    """Return whether local files and folders hold at most SMALL bytes of text together.

    A compressed file counts ten times. What does not exist holds nothing. A place of another file
    system is not small.
    """
    roots = [local_path(place) for place in places]
    local = [root for root in roots if root is not None]
    if len(local) < len(roots):
        return False
    total = 0
    for file in (file for root in local for file in _files(root)):
        total += file.stat().st_size * (TIMES_LARGER if file.suffix.lower() in COMPRESSED else 1)
        if total > SMALL:
            return False
    return True


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from (file for file in place.rglob("*") if file.is_file())
