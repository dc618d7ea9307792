"""Draw a number from 0 to 1 for each (seed, day, listener, song), the same in every run."""

from datetime import date

import numpy as np

from ritornello.arrays import Floats64, Ints64
from ritornello.hashing import GOLDEN, WORD, splitmix64, unit


def chance(listeners: Ints64, songs: Ints64, *, day: date, seed: int) -> Floats64:
    """Draw numbers even over [0, 1): splitmix64 over the four values in turn."""
    start = np.uint64((seed * GOLDEN + day.toordinal()) % WORD)
    state = splitmix64(np.full(len(songs), start, dtype=np.uint64))
    for part in (listeners, songs):
        state = splitmix64(state ^ part.astype(np.uint64))
    return unit(state)
