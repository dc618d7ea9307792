"""The invented artists as listed in ``artists.csv`` and ``aliases.csv``, with realistic gaps.

Some are listed under another spelling, some not at all, and some share their name with a stranger
of another genre. The listening stays the same: all of it is a function of an artist's number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ritornello.arrays import Flags, Ints64
from ritornello.generator.music import music_of
from ritornello.generator.names import track_ids, words
from ritornello.generator.streams import chance
from ritornello.settings.generator import GeneratorSettings

ARTISTS = "id string, followers string, genres string, name string, popularity string"
ALIASES = "alias string, name string"
STRANGERS = 0.03  # share of artists whose name a stranger has as well
SPELLINGS = (("accent", 0.04), ("upper", 0.03), ("the", 0.02), ("alias", 0.02), ("missing", 0.03))
_ACCENTS = str.maketrans("aeiou", "\u00e1\u00e9\u00ed\u00f3\u00fc")
_ID, _STRANGER_ID = 131, 141


@dataclass(frozen=True)
class Listed:
    """The artists by number, followed by the strangers.

    Each has a name, a genre and an id.
    """

    artists: int
    stranger_of: Ints64

    @property
    def total(self) -> int:
        return self.artists + len(self.stranger_of)


@lru_cache(maxsize=2)
def listed_of(settings: GeneratorSettings) -> Listed:
    """Return the artists and strangers of these settings, built once per process."""
    artists = len(music_of(settings).artist_genre)
    numbers = np.arange(artists, dtype=np.int64)
    return Listed(artists, np.flatnonzero(chance(numbers, 22) < STRANGERS).astype(np.int64))


def artist_batches(
    batches: Iterable[pa.RecordBatch], settings: GeneratorSettings
) -> Iterator[pa.RecordBatch]:
    """Turn numbers of artists and strangers into rows of ``artists.csv``."""
    for batch in batches:
        number = np.asarray(batch.column(0), np.int64)
        number = number[~is_missing(number, settings)]
        genres = genre_lists(number, settings)
        fame = 1 - np.log1p(number % listed_of(settings).artists) / 13
        popularity = np.clip(100 * fame + 20 * (chance(number, 25) - 0.5), 0, 100).round()
        followers = (10 ** (1 + 6 * fame * chance(number, 26))).astype(np.int64)
        yield text_batch(
            ARTISTS,
            artist_ids(number, settings),
            gapped(followers.tolist(), chance(number, 27) < 0.3),
            [
                repr([] if gap else own)
                for own, gap in zip(genres, chance(number, 24) < 0.35, strict=True)
            ],
            artist_names(number, settings),
            gapped(popularity.tolist(), chance(number, 28) < 0.2),
        )


def alias_batches(
    batches: Iterable[pa.RecordBatch], settings: GeneratorSettings
) -> Iterator[pa.RecordBatch]:
    """Turn numbers of artists into rows of ``aliases.csv``.

    These are the artists listed under another name; ``alias`` is the name in listeners' logs.
    """
    for batch in batches:
        number = np.asarray(batch.column(0), np.int64)
        number = number[(_spelling(number) == "alias") & (number < listed_of(settings).artists)]
        yield text_batch(ALIASES, words(number, salt=15, most=2), artist_names(number, settings))


def artist_names(number: Ints64, settings: GeneratorSettings) -> list[str]:
    """Return the names as the catalogue writes them.

    A stranger has the name of the artist they are mistaken for.
    """
    known = _meant(number, settings)
    spellings = zip(
        words(known, salt=15, most=2), words(known, salt=16, most=3), _spelling(known), strict=True
    )
    return [_spelt(name, other, how) for name, other, how in spellings]


def artist_ids(number: Ints64, settings: GeneratorSettings) -> list[str]:
    own, strange = track_ids(number, salt=_ID), track_ids(number, salt=_STRANGER_ID)
    artists = listed_of(settings).artists
    return [b if n >= artists else a for n, a, b in zip(number.tolist(), own, strange, strict=True)]


def genre_of(number: Ints64, settings: GeneratorSettings) -> Ints64:
    """Return the main genre of each artist.

    A stranger has another genre than the artist they are mistaken for.
    """
    genre = music_of(settings).artist_genre[_meant(number, settings)].astype(np.int64)
    away = 1 + (chance(number, 29) * (settings.genres - 1)).astype(np.int64)
    is_stranger = number >= listed_of(settings).artists
    return np.asarray(np.where(is_stranger, (genre + away) % settings.genres, genre), np.int64)


def genre_lists(number: Ints64, settings: GeneratorSettings) -> list[list[str]]:
    """List the main genre and perhaps another, by name."""
    main = genre_of(number, settings)
    other = np.where(
        chance(number, 9) < 0.4, main, (chance(number, 7) * settings.genres).astype(np.int64)
    )
    first, second = (words(genre, salt=23, most=2) for genre in (main, other))
    return [sorted({a.lower(), b.lower()}) for a, b in zip(first, second, strict=True)]


def is_missing(number: Ints64, settings: GeneratorSettings) -> Flags:
    """Return whether the catalogue does not know the artist.

    It knows all strangers.
    """
    known = number < listed_of(settings).artists
    return np.asarray(known & (_spelling(number) == "missing"), bool)


def text_batch(schema: str, *columns: Iterable[Any]) -> pa.RecordBatch:
    """Build a batch of text columns, null where there is nothing."""
    names = [column.split()[0] for column in schema.split(", ")]
    texts = [pa.array([None if x is None else str(x) for x in one], pa.string()) for one in columns]
    return pa.RecordBatch.from_arrays(texts, names)


def gapped(values: Iterable[Any], gaps: Iterable[bool]) -> list[Any]:
    return [None if gap else value for value, gap in zip(values, gaps, strict=True)]


def _meant(number: Ints64, settings: GeneratorSettings) -> Ints64:
    """Return the artist itself, or the one a stranger is mistaken for."""
    listed = listed_of(settings)
    every = np.concatenate([np.arange(listed.artists), listed.stranger_of])
    return np.asarray(every[number], np.int64)


def _spelling(number: Ints64) -> NDArray[np.str_]:
    ends = np.cumsum([share for _, share in SPELLINGS])
    names = np.array([*(name for name, _ in SPELLINGS), "same"])
    return np.asarray(names[np.searchsorted(ends, chance(number, 21), side="right")])


def _spelt(name: str, other: str, how: str) -> str:
    if how == "alias":
        return f"{other} Orchestra"
    return {"accent": name.translate(_ACCENTS), "upper": name.upper(), "the": f"The {name}"}.get(
        str(how), name
    )
