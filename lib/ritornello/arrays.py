"""Types of numpy arrays, named by their elements and width in bits."""

import numpy as np
from numpy.typing import NDArray

Ints32 = NDArray[np.int32]
Ints64 = NDArray[np.int64]
Floats32 = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words64 = NDArray[np.uint64]
Flags = NDArray[np.bool_]


def look_up(items: Ints32 | Ints64, ids: Ints32 | Ints64) -> tuple[Ints64, Flags]:
    """Find each item's place in the sorted ids.

    Returns the places and whether the item is there at all; where it is not, its place is 0.
    """
    if not len(ids):
        return np.zeros(len(items), np.int64), np.zeros(len(items), np.bool_)
    at = np.searchsorted(ids, items)
    at[at == len(ids)] = 0
    is_there = ids[at] == items
    return np.where(is_there, at, 0), is_there


def pair_keys(owner: Ints64, item: Ints32) -> Ints64:
    """Join owners and items to numbers that sort by owner, then by item."""
    return (owner.astype(np.int64) << 32) | item.astype(np.int64)


def spans(starts: Ints64, sizes: Ints64) -> tuple[Ints64, Ints64]:
    """Lay spans of places end to end.

    Returns for each place the number of its span, and the place itself.
    """
    span = np.repeat(np.arange(len(starts)), sizes)
    before = np.cumsum(sizes) - sizes
    return span, np.arange(len(span)) - before[span] + starts[span]
