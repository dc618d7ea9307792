"""Sum up what a listener has played by each artist."""

import numpy as np

from ritornello.arrays import Ints64, pair_keys
from ritornello.shelves.catalogue import NO_ARTIST, Catalogue
from ritornello.shelves.rows import Rows, firsts, reduced

SUMMED = ("decayed_7d", "decayed_30d", "decayed_365d")


def artist_rows(pairs: Rows, catalogue: Catalogue) -> Rows:
    """One row per listener and artist, with the artist as ``item``.

    Columns: the sums of SUMMED, items (how many different ones), last_played_at (the newest play)
    and newest_at (the newest discovery). Items of unknown artists do not count.
    """
    by_artist, at, starts = _by_artist(pairs, catalogue)
    columns = {name: reduced(np.add, pairs[name][at], starts) for name in SUMMED}
    columns["items"] = np.diff(np.r_[starts, len(at)]).astype(np.float64)
    columns["last_played_at"] = reduced(np.maximum, pairs["last_played_at"][at], starts)
    columns["newest_at"] = reduced(np.maximum, pairs["first_played_at"][at], starts)
    return Rows(by_artist.owner, by_artist.item, columns)


def artist_sums(pairs: Rows, catalogue: Catalogue, column: str) -> Rows:
    """One row per listener and artist, with the sum of a column.

    The artist is the ``item``.
    """
    by_artist, at, starts = _by_artist(pairs, catalogue)
    sums = reduced(np.add, pairs[column][at], starts)
    return Rows(by_artist.owner, by_artist.item, {column: sums})


def _by_artist(pairs: Rows, catalogue: Catalogue) -> tuple[Rows, Ints64, Ints64]:
    """Group pairs by artist.

    Returns a row per listener and artist, the pairs in their order, and where each group begins.
    """
    artist = catalogue.artists_of(pairs.item)
    known = np.flatnonzero(artist != NO_ARTIST)
    keys = pair_keys(pairs.owner[known], artist[known])
    order = np.argsort(keys, kind="stable")
    at, starts = known[order], firsts(keys[order])
    first = at[starts]
    return Rows(pairs.owner[first], artist[first], {}), at, starts
