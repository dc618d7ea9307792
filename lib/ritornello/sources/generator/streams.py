"""Random numbers that depend on what they are for, never on where they are drawn."""

import numpy as np
from numpy.typing import NDArray

CATALOGUE, HISTORY, NAMES = 1, 2, 3
_MASK = 2**64 - 1


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Generator:
    """The generator of one purpose (a listener's history, the catalogue) under a seed."""
    return np.random.Generator(np.random.Philox(key=[seed, (purpose << 48) | number]))


def scramble(values: NDArray[np.int64], salt: int) -> NDArray[np.uint64]:
    """A fixed hash of whole numbers (the finaliser of splitmix64)."""
    z = values.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) & _MASK)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def chance(values: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
    """A fixed number in [0, 1) for each value."""
    return np.asarray((scramble(values, salt) >> np.uint64(11)) / 2.0**53, np.float64)


def spread_ids(
    index: NDArray[np.int64], *, first: int, stride: int, salt: int
) -> NDArray[np.int64]:
    """Increasing ids with gaps: one out of every ``stride`` numbers."""
    jitter = scramble(index, salt) % np.uint64(stride)
    return np.asarray(first + index * stride + jitter.astype(np.int64), np.int64)
