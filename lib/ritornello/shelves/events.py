"""Count what listeners say of items besides playing them: skips, dislikes, likes."""

import numpy as np

from ritornello.arrays import Flags, Floats64, Ints64
from ritornello.shelves.rows import Rows, firsts, reduced


def event_rows(events: Rows) -> Rows:
    """One row per listener and item: skips, last_skipped_at, likes, last_liked_at (NaN: never).

    ``events`` has weight and played_at (microseconds). A skip has a weight below zero, a dislike
    included; a like has a weight above one.
    """
    starts = firsts(events.keys)
    skip, like = events["weight"] < 0, events["weight"] > 1
    columns = {
        "skips": reduced(np.add, skip.astype(np.float64), starts),
        "last_skipped_at": _newest(skip, events["played_at"], starts),
        "likes": reduced(np.add, like.astype(np.float64), starts),
        "last_liked_at": _newest(like, events["played_at"], starts),
    }
    return Rows(events.owner[starts], events.item[starts], columns)


def skips_of_users(events: Rows, users: int) -> Floats64:
    """Count the skips of each listener of a batch."""
    skips = np.bincount(events.owner[events["weight"] < 0], minlength=users)
    return skips.astype(np.float64)


def _newest(kept: Flags, times: Floats64, starts: Ints64) -> Floats64:
    newest = reduced(np.maximum, np.where(kept, times, -np.inf), starts)
    return np.where(np.isfinite(newest), newest, np.nan)
