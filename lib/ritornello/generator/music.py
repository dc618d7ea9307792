"""The invented music: artists with genres and fame, albums with release days, tracks.

A pure function of the settings, kept as plain arrays: 650,000 tracks take 11 MB.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ritornello.arrays import Floats64, Ints32, Ints64
from ritornello.generator.streams import CATALOGUE, stream
from ritornello.settings.generator import GeneratorSettings


@dataclass(frozen=True)
class Music:
    """The catalogue as arrays, with tracks sorted by artist, then album.

    So the tracks of one artist or one album are a contiguous stretch.
    """

    artist_first: Ints32  # artist → first track; one more at the end
    artist_genre: Ints32  # artist → main genre
    by_genre: Ints32  # artists, grouped by genre
    fame_sum: Floats64  # running sum of fame along by_genre
    genre_from: Floats64  # genre → fame_sum before its first artist; one more at the end
    track_artist: Ints32
    track_album: Ints32
    by_hit: Ints32  # place within an artist's stretch, from its greatest hit on → track
    album_first: Ints32  # album → first track; one more at the end
    album_day: Ints32  # album → release, days since the log began; negative: before
    fresh_album: Ints32  # albums released within the log, by artist
    fresh_first: Ints32  # artist → first place in fresh_album; one more at the end

    @property
    def tracks(self) -> int:
        return len(self.track_artist)

    @property
    def track_day(self) -> Ints32:
        """Return each track's release, in days since the log began."""
        return np.asarray(self.album_day[self.track_album], np.int32)


@lru_cache(maxsize=2)
def music_of(settings: GeneratorSettings) -> Music:
    """Return the catalogue of these settings, built once per process."""
    rng = stream(settings.seed, CATALOGUE)
    sizes = _artist_sizes(rng, settings)
    artist_first = _starts(sizes)
    artist_genre, by_genre, fame_sum, genre_from = _fame(rng, sizes, settings)
    track_artist = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    album_first = _albums(rng, artist_first)
    track_album = np.repeat(np.arange(len(album_first) - 1), np.diff(album_first))
    album_artist = track_artist[album_first[:-1]]
    album_day = _release_days(rng, album_artist, len(sizes), settings)
    fresh = np.flatnonzero(album_day >= 0)
    fresh_first = np.searchsorted(album_artist[fresh], np.arange(len(sizes) + 1))
    return Music(
        artist_first=artist_first,
        artist_genre=artist_genre,
        by_genre=by_genre,
        fame_sum=fame_sum,
        genre_from=genre_from,
        track_artist=track_artist,
        track_album=track_album.astype(np.int32),
        by_hit=np.lexsort((rng.random(len(track_artist)), track_artist)).astype(np.int32),
        album_first=album_first,
        album_day=album_day,
        fresh_album=fresh.astype(np.int32),
        fresh_first=fresh_first.astype(np.int32),
    )


def _starts(sizes: Ints64) -> Ints32:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)


def _artist_sizes(rng: np.random.Generator, settings: GeneratorSettings) -> Ints64:
    """Draw how many tracks each artist has, most famous artists first.

    They sum to the size of the catalogue.
    """
    total, spread = settings.catalogue_tracks, settings.artist_tracks_spread
    draws = rng.lognormal(np.log(settings.artist_tracks) - spread**2 / 2, spread, total)
    sizes = np.clip(np.ceil(draws), 1, 400).astype(np.int64)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), total)) + 1]
    sizes[-1] -= sizes.sum() - total
    # famous artists tend to have more tracks: sort by size blurred with chance
    return np.asarray(sizes[np.argsort(-np.log(sizes) - rng.normal(0, 1, len(sizes)))])


def _fame(
    rng: np.random.Generator, sizes: Ints64, settings: GeneratorSettings
) -> tuple[Ints32, Ints32, Floats64, Floats64]:
    fame = (np.arange(len(sizes)) + 10.0) ** -settings.artist_fame
    popularity = 1 / (np.arange(settings.genres) + 3.0)
    genre = rng.choice(settings.genres, len(sizes), p=popularity / popularity.sum())
    by_genre = np.argsort(genre, kind="stable")
    fame_sum = np.cumsum(fame[by_genre])
    ends = np.searchsorted(genre[by_genre], np.arange(settings.genres), side="right")
    genre_from = np.concatenate([[0.0], np.where(ends > 0, fame_sum[ends - 1], 0.0)])
    return genre.astype(np.int32), by_genre.astype(np.int32), fame_sum, genre_from


def _albums(rng: np.random.Generator, artist_first: Ints32) -> Ints32:
    """Return the first track of each album.

    A single is an album of one track. No album spans two artists.
    """
    total = int(artist_first[-1])
    lengths = np.where(rng.random(total) < 0.45, 1, rng.integers(3, 14, total))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    bounds = np.concatenate([artist_first, starts[starts < total]])
    return np.asarray(np.unique(bounds), np.int32)


def _release_days(
    rng: np.random.Generator, album_artist: Ints32, artists: int, settings: GeneratorSettings
) -> Ints32:
    """Draw the release day of each album.

    An artist's releases follow its career, which began decades or months ago.
    """
    career = rng.gamma(1.3, 4_000, artists)[album_artist]
    day = -1 - career * rng.random(len(album_artist)) ** 1.2
    fresh = rng.random(len(album_artist)) < settings.release_share
    day[fresh] = rng.integers(0, settings.days, int(fresh.sum()))
    return np.clip(day, -25_000, settings.days).astype(np.int32)
