"""Recognise data so small that starting Java is most of the work."""

from collections.abc import Iterator
from pathlib import Path

SMALL = 64 << 20  # bytes of text
COMPRESSED = {".parquet", ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z"}
TIMES_LARGER = 10  # what a compressed file holds, at most in practice


def is_small(*places: str) -> bool:
    """Return whether local files and folders hold at most 64 MiB of text together.

    A compressed file counts ten times. What does not exist holds nothing. A URI is not small.
    """
    if any("://" in place for place in places):
        return False
    total = 0
    for file in (file for place in places for file in _files(Path(place))):
        total += file.stat().st_size * (TIMES_LARGER if file.suffix.lower() in COMPRESSED else 1)
        if total > SMALL:
            return False
    return True


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from (file for file in place.rglob("*") if file.is_file())
