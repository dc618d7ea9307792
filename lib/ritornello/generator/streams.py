"""Random numbers that depend on their purpose, not on where they are drawn."""

import numpy as np

from ritornello.arrays import Floats64, Ints64, Words64
from ritornello.hashing import GOLDEN, WORD, mixed, unit

CATALOGUE, HISTORY, NAMES, VERDICTS = 1, 2, 3, 16


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Generator:
    """Return the generator of one purpose under a seed.

    A purpose is, for example, a listener's history, or the catalogue.
    """
    return np.random.Generator(np.random.Philox(key=[seed, (purpose << 48) | number]))


def scramble(values: Ints64, salt: int) -> Words64:
    """Hash whole numbers under a salt."""
    return mixed(values.astype(np.uint64) + np.uint64((salt * GOLDEN) % WORD))


def chance(values: Ints64, salt: int) -> Floats64:
    """Draw a fixed number in [0, 1) for each value."""
    return unit(scramble(values, salt))


def spread_ids(index: Ints64, *, first: int, stride: int, salt: int) -> Ints64:
    """Return increasing ids with gaps: one of every ``stride`` numbers."""
    jitter = scramble(index, salt) % np.uint64(stride)
    return np.asarray(first + index * stride + jitter.astype(np.int64), np.int64)
