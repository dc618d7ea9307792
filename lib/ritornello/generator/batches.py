"""Arrow batches in the schema of the nested listening files.

interactions: a row per listener; ``actions`` are in no order. tracks: a row per track of the
catalogue.
"""

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ritornello.arrays import Flags, Ints32, Ints64
from ritornello.generator.listening import listener_history
from ritornello.generator.music import Music, music_of
from ritornello.generator.names import track_ids, words
from ritornello.generator.streams import HISTORY, NAMES, chance, spread_ids, stream
from ritornello.generator.verdicts import with_verdicts
from ritornello.settings.generator import GeneratorSettings

Row = tuple[int, Ints64, Ints64, Ints32]  # listener's number, tracks, epoch seconds, weights
BATCH_PLAYS = 200_000
INTERACTIONS = (
    "character_index int, actions array<struct<track_index:int,timestamp:string,`1`:int>>,"
    " size_of_actions int"
)
DESCRIPTIONS = (
    "track_id string, track_index int, year_category string, domain string,"
    " genre_id_list array<int>, track_name string, artist_name string"
)
ERAS = ("LATEST_2", "LATEST_1", "LATE_CONTEMPORARY", "MID_MODERN_2", "MID_MODERN_1", "EARLY_MODERN")
ERA_ENDS = (365, 2 * 365, 8 * 365, 18 * 365, 30 * 365)  # days of age


def interaction_batches(
    batches: Iterable[pa.RecordBatch], settings: GeneratorSettings
) -> Iterator[pa.RecordBatch]:
    """Turn batches of listener numbers into rows of interactions, in the same order."""
    music = music_of(settings)
    rows: list[Row] = []
    plays = 0
    for listener in (number for batch in batches for number in batch.column(0).to_pylist()):
        rows.append((listener, *_shuffled(listener, music, settings)))
        plays += len(rows[-1][1])
        if plays >= BATCH_PLAYS:
            yield _interactions(rows, settings)
            rows, plays = [], 0
    if rows:
        yield _interactions(rows, settings)


def _shuffled(
    listener: int, music: Music, settings: GeneratorSettings
) -> tuple[Ints64, Ints64, Ints32]:
    plays = listener_history(settings.seed, listener, music, settings)
    track, second, weight = with_verdicts(listener, plays[0].astype(np.int64), plays[1], settings)
    order = stream(settings.seed, HISTORY + NAMES, listener).permutation(len(track))
    return track[order], second[order], weight[order]


def _interactions(rows: list[Row], settings: GeneratorSettings) -> pa.RecordBatch:
    listener = np.array([row[0] for row in rows], np.int64)
    size = np.array([len(row[1]) for row in rows], np.int32)
    track = track_index(np.concatenate([row[1] for row in rows]), settings)
    times = timestamps(np.concatenate([row[2] for row in rows]))
    weights = pa.array(np.concatenate([row[3] for row in rows]))
    plays = pa.StructArray.from_arrays(
        [pa.array(track.astype(np.int32)), times, weights], ["track_index", "timestamp", "1"]
    )
    offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int32)
    ids = spread_ids(listener, first=148, stride=3, salt=settings.seed).astype(np.int32)
    return pa.RecordBatch.from_arrays(
        [pa.array(ids), pa.ListArray.from_arrays(pa.array(offsets), plays), pa.array(size)],
        ["character_index", "actions", "size_of_actions"],
    )


def track_index(track: Ints64, settings: GeneratorSettings) -> Ints64:
    """Return the published index of each catalogue track: increasing, with gaps."""
    return spread_ids(track, first=1, stride=2, salt=settings.seed + 1)


def timestamps(second: Ints64) -> pa.Array:
    """Write epoch seconds as ``YYYY-MM-DD HH:MM:SS UTC``.

    The texts are put together from tables of days and of seconds.
    """
    first = int(second.min()) // 86_400
    days = np.arange(first, int(second.max()) // 86_400 + 1).astype("datetime64[D]")
    day_text = np.array([f"{day} " for day in days.astype(str)], "S11").view(np.uint8)
    text = np.empty((len(second), 23), np.uint8)
    text[:, :11] = day_text.reshape(-1, 11)[second // 86_400 - first]
    text[:, 11:] = _clock()[second % 86_400]
    offsets = np.arange(len(second) + 1, dtype=np.int32) * 23
    return pa.StringArray.from_buffers(len(second), pa.py_buffer(offsets), pa.py_buffer(text))


@cache
def _clock() -> NDArray[np.uint8]:
    """Write every second of the day as ``HH:MM:SS UTC``, in bytes."""
    moments = np.arange(86_400).astype("datetime64[s]").astype(str)
    text = np.array([f"{moment[11:]} UTC" for moment in moments], "S12")
    return text.view(np.uint8).reshape(-1, 12)


def track_batches(
    batches: Iterable[pa.RecordBatch], settings: GeneratorSettings
) -> Iterator[pa.RecordBatch]:
    """Turn batches of track numbers into descriptions of tracks.

    Some facts are unknown.
    """
    music = music_of(settings)
    for batch in batches:
        yield _tracks(np.asarray(batch.column(0), np.int64), music, settings)


def _tracks(track: Ints64, music: Music, settings: GeneratorSettings) -> pa.RecordBatch:
    artist = music.track_artist[track].astype(np.int64)
    genre = music.artist_genre[artist].astype(np.int64)
    age = settings.days - music.track_day[track]
    era = np.array(ERAS, object)[np.searchsorted(ERA_ENDS, age, side="right")]
    domain = np.where(chance(genre, 8) < 0.4, "1", "2").astype(object)
    columns = [
        pa.array(track_ids(track_index(track, settings))),
        pa.array(track_index(track, settings).astype(np.int32)),
        pa.array(era, pa.string(), mask=chance(track, 11) < 0.04),
        pa.array(domain, pa.string(), mask=chance(track, 12) < 0.06),
        _genre_lists(genre, artist, chance(track, 13) < 0.09, settings),
        pa.array(words(track, salt=14)),
        pa.array(words(artist, salt=15, most=2)),
    ]
    names = "track_id track_index year_category domain genre_id_list track_name artist_name"
    return pa.RecordBatch.from_arrays(columns, names.split())


def _genre_lists(
    genre: Ints64, artist: Ints64, unknown: Flags, settings: GeneratorSettings
) -> pa.Array:
    """List the artist's main genre and perhaps another.

    The list is null where the genres are unknown.
    """
    other = (chance(artist, 7) * settings.genres).astype(np.int64)
    other = np.where(chance(artist, 9) < 0.4, genre, other)
    known = zip(genre.tolist(), other.tolist(), unknown.tolist(), strict=True)
    lists = [None if hole else [a] if a == b else [a, b] for a, b, hole in known]
    return pa.array(lists, pa.list_(pa.int32()))
