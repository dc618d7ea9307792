"""Recognise inputs so small that starting Java is most of the work."""

from collections.abc import Iterator
from pathlib import Path

from ritornello.sources.places import local_path

SMALL = 64 << 20  # bytes of text
COMPRESSED = {".parquet", ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z"}
TIMES_LARGER = 10  # what a compressed file holds, at most in practice


def is_small(place: str) -> bool:
    """Return whether a local file or folder holds at most 64 MiB of text.

    A compressed file counts ten times. What does not exist and a URI are not small.
    """
    root, total = local_path(place), 0
    if root is None or not root.exists():
        return False
    for file in _files(root):
        total += file.stat().st_size * (TIMES_LARGER if file.suffix.lower() in COMPRESSED else 1)
        if total > SMALL:
            return False
    return True


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from (file for file in place.rglob("*") if file.is_file())
