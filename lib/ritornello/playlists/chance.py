"""Draw numbers by chance that are the same in every run.

There is one number from 0 to 1 for each (seed, day, listener, song).
"""

from datetime import date

import numpy as np

from ritornello.arrays import Floats64, Ints64
from ritornello.hashing import GOLDEN, WORD, splitmix64, unit


def chance(listeners: Ints64, songs: Ints64, *, day: date, seed: int) -> Floats64:
    """Draw one number per row, uniform over [0, 1).

    splitmix64 runs over the seed and day, the listener and the song in turn.
    """
    start = np.uint64((seed * GOLDEN + day.toordinal()) % WORD)
    state = splitmix64(np.full(len(songs), start, dtype=np.uint64))
    for part in (listeners, songs):
        state = splitmix64(state ^ part.astype(np.uint64))
    return unit(state)
