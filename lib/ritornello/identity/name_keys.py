"""Keys made of names, for tracks, artists and listeners that have no id.

A key depends on the names alone, so any file of any export gives the same one. It is never shown:
tables keep the names as delivered. The key of a track keeps case, because what a key joins can never
be parted again; tracks that differ in case are united later, and reversibly.
"""

import unicodedata
from collections.abc import Iterator

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf


def spoken(name: str | None) -> str | None:
    """Compose letters (NFC), trim, and join each run of white space to one space.

    Signs that nobody sees, such as a zero-width space, are dropped. A name without any other sign
    is None.
    """
    if name is None:
        return None
    seen = (one for one in unicodedata.normalize("NFC", name) if unicodedata.category(one) != "Cf")
    return " ".join("".join(seen).split()) or None


def name_id(name: str | None) -> str | None:
    """Return the key of one name: as spoken, with case folded."""
    one = spoken(name)
    return one and unicodedata.normalize("NFC", one.casefold())


def track_id(artist: str | None, track: str | None) -> str | None:
    """Return the key of a track: artist, tab, track, both as spoken.

    It is None where either name is missing.
    """
    ids = spoken(artist), spoken(track)
    return f"{ids[0]}\t{ids[1]}" if all(ids) else None


def artist_key(artist: Column | str) -> Column:
    """Build the key of an artist without an id."""
    return batch_udf(_artists, "string")(_column(artist))


def name_key(artist: Column | str, track: Column | str) -> Column:
    """Build the key of a track without an id from its names."""
    return batch_udf(_tracks, "string")(_column(artist), _column(track))


def _column(name: Column | str) -> Column:
    return F.col(name) if isinstance(name, str) else name


def _artists(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
    for names in batches:
        yield pd.Series([name_id(name) for name in names], dtype=object)


def _tracks(batches: Iterator[tuple[pd.Series, pd.Series]]) -> Iterator[pd.Series]:
    for artists, tracks in batches:
        pairs = zip(artists, tracks, strict=True)
        yield pd.Series([track_id(*pair) for pair in pairs], dtype=object)
