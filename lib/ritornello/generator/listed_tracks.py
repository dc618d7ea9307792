"""The invented tracks as ``tracks.csv`` lists them: audio with gaps, remasters, live versions.

Nine tracks in ten are listed, some under another id than in the log. A few have a version or two
beside them, and a few have a second artist. Strangers have tracks of their own.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import numpy as np
import pyarrow as pa

from ritornello.arrays import Ints64
from ritornello.generator.batches import track_index
from ritornello.generator.listed import (
    artist_ids,
    artist_names,
    gapped,
    genre_of,
    is_missing,
    listed_of,
    text_batch,
)
from ritornello.generator.music import music_of
from ritornello.generator.names import track_ids, words
from ritornello.generator.sound import facts, sounds
from ritornello.generator.streams import chance
from ritornello.settings.generator import GeneratorSettings
from ritornello.sources.audio_catalogue import TRACKS as LAYOUT

TRACKS = ", ".join(f"{name} string" for name in str(LAYOUT.header).split(","))
VERSIONS = ("", " - Remastered 2019", " (Live at the Old Mill)")
LISTED = (0.9, 0.05, 0.03)  # share of tracks listed as they are, remastered, live
STRANGER_TRACKS = 6
# share of tracks for which the source does not know the value
GAPS = {
    "popularity": 0.5,
    "duration_ms": 0.25,
    "explicit": 0.1,
    "release_date": 0.6,
    "key": 0.15,
    "mode": 0.25,
    "time_signature": 0.5,
    "instrumentalness": 0.2,
    "acousticness": 0.03,
}


def listed_track_rows(settings: GeneratorSettings) -> int:
    """Count the numbers that ``track_rows`` takes.

    Catalogue tracks come first, then the tracks of strangers.
    """
    return settings.catalogue_tracks + STRANGER_TRACKS * len(listed_of(settings).stranger_of)


def track_rows(
    batches: Iterable[pa.RecordBatch], settings: GeneratorSettings
) -> Iterator[pa.RecordBatch]:
    """Turn numbers of tracks into rows of ``tracks.csv``.

    Versions follow their track.
    """
    for batch in batches:
        number = np.asarray(batch.column(0), np.int64)
        number = number[~is_missing(_artist(number, settings), settings)]
        track = np.repeat(number, len(VERSIONS))
        version = np.tile(np.arange(len(VERSIONS)), len(number))
        kept = chance(track, 31) < np.array(LISTED)[version]
        kept |= (version > 0) & (chance(track * 3 + version, 32) < np.array(LISTED)[version])
        yield _rows(track[kept], version[kept], settings)


def _rows(track: Ints64, version: Ints64, settings: GeneratorSettings) -> pa.RecordBatch:
    artist = _artist(track, settings)
    genre, row = genre_of(artist, settings), track * len(VERSIONS) + version
    columns: dict[str, Iterable[object]] = {
        "id": _ids(track, version, settings),
        "name": _names(track, version),
        "popularity": (100 * chance(row, 33) * chance(artist, 34)).round(),
        "release_date": _days(track, version, settings),
        **sounds(genre, artist, track, is_live=version == 2),
        **facts(genre, track),
    }
    known = {
        name: gapped(np.asarray(column).tolist(), chance(row, 40 + nth) < GAPS.get(name, 0))
        for nth, (name, column) in enumerate(columns.items())
    }
    who = _credits(track, artist, genre, settings)
    known["artists"] = [repr(names) for names, _ in who]
    known["id_artists"] = [repr(ids) for _, ids in who]
    return text_batch(TRACKS, *(known[column.split()[0]] for column in TRACKS.split(", ")))


def _artist(track: Ints64, settings: GeneratorSettings) -> Ints64:
    """Return the artist of each track.

    The tracks of strangers come after the catalogue.
    """
    own = music_of(settings).track_artist
    beyond = listed_of(settings).artists + (track - len(own)) // STRANGER_TRACKS
    inside = np.minimum(track, len(own) - 1)
    return np.asarray(np.where(track < len(own), own[inside], beyond), np.int64)


def _ids(track: Ints64, version: Ints64, settings: GeneratorSettings) -> list[str]:
    """Return the id of each listed track.

    Often it is the id in the log. Versions and the tracks of strangers always have another.
    """
    log, other = track_ids(track_index(track, settings)), track_ids(track * 3 + version, salt=151)
    is_log = (version == 0) & (chance(track, 35) < 0.6) & (track < settings.catalogue_tracks)
    return [a if same else b for a, b, same in zip(log, other, is_log.tolist(), strict=True)]


def _names(track: Ints64, version: Ints64) -> list[str]:
    pairs = zip(words(track, salt=14), version.tolist(), strict=True)
    return [f"{name}{VERSIONS[nth]}" for name, nth in pairs]


def _days(track: Ints64, version: Ints64, settings: GeneratorSettings) -> list[str]:
    """Write the release of the album, sometimes only its year.

    Tracks of strangers have no album, so they get the first day of the log. Versions come out in
    2019 or later.
    """
    first = settings.last_day - timedelta(days=settings.days)
    day = music_of(settings).track_day
    dates = []
    for number, nth, part in zip(track.tolist(), version.tolist(), chance(track, 36), strict=True):
        out = first + timedelta(days=int(day[number])) if number < len(day) else first
        if nth:
            out = max(out, out.replace(year=2019, day=1))
        dates.append(str(out.year) if part < 0.2 else out.isoformat())
    return dates


def _credits(
    track: Ints64, artist: Ints64, genre: Ints64, settings: GeneratorSettings
) -> list[tuple[list[str], list[str]]]:
    """Return the names and ids of each track's artists.

    Now and then a track has a guest of the same genre.
    """
    music = music_of(settings)
    first = np.searchsorted(music.artist_genre[music.by_genre], genre)
    many = np.maximum(np.bincount(music.artist_genre, minlength=settings.genres)[genre], 1)
    place = np.minimum(first + (chance(track, 38) * many).astype(np.int64), len(music.by_genre) - 1)
    guest = music.by_genre[place].astype(np.int64)
    has_guest = (chance(track, 37) < 0.07) & (guest != artist) & ~is_missing(guest, settings)
    columns = zip(
        artist_names(artist, settings),
        artist_ids(artist, settings),
        artist_names(guest, settings),
        artist_ids(guest, settings),
        has_guest.tolist(),
        strict=True,
    )
    return [([a, c], [b, d]) if both else ([a], [b]) for a, b, c, d, both in columns]
