"""Windows of listening histories, as rows of equal length.

An item is its place in the sorted ids of the catalogue, 0 to N - 1. Short windows are filled up on
the left with N, the *padding*; N + 1 is the *mask* that hides a play.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ritornello.arrays import Flags, Ints32, look_up


def places_of(item_ids: Ints32, ids: Ints32) -> Ints32:
    """Return the places of a history's items, without those the catalogue lacks."""
    at, is_there = look_up(item_ids, ids)
    places: Ints32 = at[is_there].astype(np.int32)
    return places


def last_window(history: Ints32, *, length: int, padding: int) -> Ints32:
    """Return the newest ``length`` plays of a history that is oldest first."""
    row = np.full(length, padding, np.int32)
    if len(history):
        newest = history[-length:]
        row[length - len(newest) :] = newest
    return row


def random_windows(
    history: Ints32, *, length: int, padding: int, random: np.random.Generator
) -> list[Ints32]:
    """Draw windows of a history that together are as long as it is.

    A history of at most ``length`` plays gives one window, a history of fewer than two plays none.
    """
    if len(history) < 2:
        return []
    if len(history) <= length:
        return [last_window(history, length=length, padding=padding)]
    number = -(-len(history) // length)
    ends = random.integers(length, len(history) + 1, number)
    return [history[end - length : end].astype(np.int32) for end in ends]


def batches(
    windows: Iterable[Ints32], *, size: int, length: int, padding: int, buffer: int,
    random: np.random.Generator,
) -> Iterator[Ints32]:  # fmt: skip
    """Shuffle windows within a buffer and yield them ``size`` at a time.

    The last batch of an epoch is filled up with rows of padding, so that all have one shape. The
    memory is that of ``buffer`` windows.
    """
    kept: list[Ints32] = []
    for window in windows:
        kept.append(window)
        if len(kept) >= buffer + size:
            random.shuffle(kept)
            while len(kept) > buffer:
                yield np.stack([kept.pop() for _ in range(size)])
    random.shuffle(kept)
    for start in range(0, len(kept), size):
        yield _filled(kept[start : start + size], size, length, padding)


def _filled(rows: Sequence[Ints32], size: int, length: int, padding: int) -> Ints32:
    batch = np.full((size, length), padding, np.int32)
    batch[: len(rows)] = np.stack(rows)
    return batch


def hide(
    windows: Ints32, *, share: float, padding: int, most: int, random: np.random.Generator
) -> tuple[Ints32, Ints32, Ints32]:
    """Hide plays for a masked model, the last one of each window always.

    Returns the windows with the mask in place of the hidden plays, and for each window up to
    ``most`` hidden positions and the items there, filled up with position 0 and padding.
    """
    hidden = (random.random(windows.shape) < share) & (windows != padding)
    hidden[:, -1] = windows[:, -1] != padding
    hidden &= _counted_from_the_end(hidden) <= most
    masked = np.where(hidden, padding + 1, windows).astype(np.int32)
    order = np.argsort(~hidden, axis=1, kind="stable")[:, :most]
    is_hidden = np.take_along_axis(hidden, order, axis=1)
    items = np.where(is_hidden, np.take_along_axis(windows, order, axis=1), padding)
    return masked, np.where(is_hidden, order, 0).astype(np.int32), items.astype(np.int32)


def _counted_from_the_end(hidden: Flags) -> Ints32:
    counts: Ints32 = np.cumsum(hidden[:, ::-1], axis=1)[:, ::-1].astype(np.int32)
    return counts
