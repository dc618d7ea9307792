"""Chance that can be repeated: a number from 0 to 1 for each (seed, day, listener, song)."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from ritornello.playlists.scores import Floats

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64


def chance(
    listeners: NDArray[np.int64], songs: NDArray[np.int64], *, day: date, seed: int
) -> Floats:
    """Even over [0, 1), the same on every machine; splitmix64 over the four in turn."""
    start = np.uint64((seed * _GOLDEN + day.toordinal()) % _WORD)
    state = _mixed(np.full(len(songs), start, dtype=np.uint64))
    for part in (listeners, songs):
        state = _mixed(state ^ part.astype(np.uint64))
    return (state >> np.uint64(11)).astype(np.float64) / float(2**53)


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = words + np.uint64(_GOLDEN)  # wraps, as it should
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
