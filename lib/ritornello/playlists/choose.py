"""Turn candidate rows into a playlist.

The limits that always hold come first, then the share of discoveries, then the order. Always kept:
at most ``artist_cap`` tracks of an artist, one version of a song, no song that rests. Kept as far
as the candidates allow: the share of discoveries and small steps. A list with too few candidates is
shorter than asked for, never worse.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ritornello.arrays import Flags, Floats64, Ints64
from ritornello.errors import UsageError
from ritornello.playlists.chance import chance
from ritornello.playlists.moments import Moment
from ritornello.playlists.order import smooth_order, sounds_of
from ritornello.playlists.reasons import reasons
from ritornello.playlists.rest import resting
from ritornello.playlists.scores import listeners_of, numbers, score_candidates
from ritornello.settings.playlists import MAX_LENGTH, MIN_LENGTH, PlaylistSettings

FIRST = ["rank", "track_id", "artist_id", "score", "reason"]


def choose(
    candidates: pd.DataFrame,
    *,
    moment: Moment,
    settings: PlaylistSettings,
    length: int,
    day: date,
    seed: int,
) -> pd.DataFrame:
    """Choose a playlist of at most ``length`` rows for each listener.

    ``candidates`` has one row per (listener, track); without ``user_id`` all rows belong to one
    listener. ``score`` is the moment's score and ``rank`` counts from 1; all columns of the
    candidates follow. The same rows (in any order), day and seed give the same list. Equal scores
    go to the smaller track id.
    """
    if not MIN_LENGTH <= length <= MAX_LENGTH:
        raise UsageError(f"a playlist has {MIN_LENGTH} to {MAX_LENGTH} tracks, not {length}")
    scored = score_candidates(candidates, moment=moment, settings=settings)
    scored = scored.reset_index(drop=True)
    rows = _Rows.of(scored, settings=settings, day=day, seed=seed)
    awake = ~resting(scored, rows.songs, moment=moment, settings=settings, day=day)
    lists = [
        rows.in_order(rows.take(best_first, length, settings), settings)
        for best_first in rows.best_first(awake)
    ]
    ranks = [rank for listed in lists for rank in range(1, len(listed) + 1)]
    chosen = scored.iloc[[row for listed in lists for row in listed]].reset_index(drop=True)
    return _playlist(chosen, ranks, moment)


def songs_of(candidates: pd.DataFrame) -> Ints64:
    """Return the recording of each row.

    A track without a known recording is a song of its own.
    """
    recordings = numbers(candidates, "recording_id")
    tracks = numbers(candidates, "track_id")
    return np.where(np.isnan(recordings), tracks, recordings).astype(np.int64)


@dataclass(frozen=True)
class _Rows:
    """Candidate rows as arrays.

    The arrays say whose a row is, what it is, and by which score it is picked.
    """

    listeners: Ints64
    tracks: Ints64
    songs: Ints64
    artists: Ints64
    is_new: Flags
    score: Floats64
    pick: Floats64
    sounds: Floats64

    @classmethod
    def of(
        cls, scored: pd.DataFrame, *, settings: PlaylistSettings, day: date, seed: int
    ) -> "_Rows":
        listeners, songs = listeners_of(scored), songs_of(scored)
        tracks = scored["track_id"].to_numpy(dtype=np.int64)
        artists = numbers(scored, "artist_id")
        score = numbers(scored, "moment_score")
        luck = chance(listeners, songs, day=day, seed=seed)
        return cls(
            listeners,
            tracks,
            songs,
            # every unknown artist counts as a different one
            np.where(np.isnan(artists), -1 - tracks, artists).astype(np.int64),
            ~scored["is_repeat"].to_numpy(dtype=bool),
            score,
            score + settings.jitter * luck,
            sounds_of(scored),
        )

    def best_first(self, awake: Flags) -> Iterator[Ints64]:
        """Yield each listener's rows, those with the best pick first."""
        order = np.lexsort((self.tracks, -self.pick, self.listeners))
        order = order[awake[order]]
        borders = np.flatnonzero(np.diff(self.listeners[order])) + 1
        yield from (part for part in np.split(order, borders) if len(part))

    def take(self, best_first: Ints64, length: int, settings: PlaylistSettings) -> list[int]:
        """Return the rows of a list, best score first.

        If one kind runs short, the other fills the list.
        """
        shelf = list(
            zip(
                best_first.tolist(),
                self.songs[best_first].tolist(),
                self.artists[best_first].tolist(),
                self.is_new[best_first].tolist(),
                strict=True,
            )
        )
        new = length if settings.discovery is None else int(settings.discovery * length + 0.5)
        old = length if settings.discovery is None else length - new
        basket = _Basket(length, settings.artist_cap)
        basket.fill(shelf, {True: new, False: old})
        basket.fill(shelf, {True: length, False: length})
        return sorted(basket.rows, key=lambda row: (-self.score[row], self.tracks[row]))

    def in_order(self, listed: list[int], settings: PlaylistSettings) -> list[int]:
        """Return the rows of a list in the order they are played."""
        return [listed[place] for place in smooth_order(self.sounds[listed], settings.smooth)]


class _Basket:
    """The rows taken so far and the limits on what may still be taken."""

    def __init__(self, length: int, artist_cap: int) -> None:
        self.length, self.artist_cap = length, artist_cap
        self.rows: list[int] = []
        self.songs: set[int] = set()
        self.of_artist: dict[int, int] = {}
        self.of_kind = {True: 0, False: 0}

    def fill(self, shelf: list[tuple[int, int, int, bool]], quota: dict[bool, int]) -> None:
        """Take rows, best first, as song, artist and kind allow."""
        for row, song, artist, is_new in shelf:
            if len(self.rows) == self.length:
                return
            full = self.of_artist.get(artist, 0) >= self.artist_cap
            if full or song in self.songs or self.of_kind[is_new] >= quota[is_new]:
                continue
            self.rows.append(row)
            self.songs.add(song)
            self.of_artist[artist] = self.of_artist.get(artist, 0) + 1
            self.of_kind[is_new] += 1


def _playlist(chosen: pd.DataFrame, ranks: list[int], moment: Moment) -> pd.DataFrame:
    rows = chosen.assign(
        rank=np.asarray(ranks, dtype=np.int32),
        score=chosen["moment_score"].to_numpy(dtype=np.float64),
        reason=reasons(chosen, moment),
    )
    if "artist_id" not in rows:
        rows = rows.assign(artist_id=np.nan)
    return rows[[*FIRST, *(name for name in rows.columns if name not in FIRST)]]
