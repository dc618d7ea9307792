"""Rows of several listeners, as aligned arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ritornello.arrays import Flags, Floats64, Ints32, Ints64, look_up, pair_keys


@dataclass(frozen=True)
class Rows:
    """Rows by listener and item, in ascending order of both.

    ``owner`` is the listener's place in the batch. ``columns`` holds aligned arrays by name. An item
    may occur several times, unless a function says otherwise.
    """

    owner: Ints64
    item: Ints32
    columns: Mapping[str, Floats64]

    def __len__(self) -> int:
        return len(self.item)

    def __getitem__(self, name: str) -> Floats64:
        return self.columns[name]

    @cached_property
    def keys(self) -> Ints64:
        """Return one number per row that stands for its listener and item."""
        return pair_keys(self.owner, self.item)

    def where(self, kept: Flags | Ints64) -> "Rows":
        """Keep some rows."""
        columns = {name: values[kept] for name, values in self.columns.items()}
        return Rows(self.owner[kept], self.item[kept], columns)

    def has(self, keys: Ints64) -> Flags:
        """Return whether each key is that of a row."""
        return look_up(keys, self.keys)[1]

    def at(self, keys: Ints64, name: str) -> Floats64:
        """Return a column's value for each key, NaN where there is no row."""
        return looked_up(*look_up(keys, self.keys), self.columns[name])


def looked_up(at: Ints64, is_there: Flags, values: Floats64) -> Floats64:
    """Return the value at each place, NaN where there is none."""
    if not len(values):
        return np.full(len(at), np.nan)
    return np.where(is_there, values[at], np.nan)


def largest_of(rows: Rows, name: str) -> Rows:
    """One row per listener and item, with the largest value of a column."""
    starts = firsts(rows.keys)
    values = reduced(np.maximum, rows[name], starts)
    return Rows(rows.owner[starts], rows.item[starts], {name: values})


def reduced(how: np.ufunc, values: Floats64, starts: Ints64) -> Floats64:
    """Reduce each run of values, by where it begins."""
    if not len(starts):
        return np.zeros(0)
    result: Floats64 = how.reduceat(values, starts)
    return result


def firsts(sorted_: Ints64) -> Ints64:
    """Return the place at which each run of equal values begins."""
    if not len(sorted_):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, sorted_[1:] != sorted_[:-1]])


def nth_of(owner: Ints64) -> Ints64:
    """Number the rows of each owner from 1. Rows of an owner stand together."""
    starts = firsts(owner)
    sizes = np.diff(np.r_[starts, len(owner)])
    return np.arange(len(owner)) - np.repeat(starts, sizes) + 1


def best_of(owner: Ints64, item: Ints32, score: Floats64, *, limit: int) -> tuple[Ints64, Ints64]:
    """Return the places of each owner's best rows, and their ranks from 1.

    Equal scores go to the smaller item. Owners come in ascending order, each best first.
    """
    order = np.lexsort((item, -score, owner))
    rank = nth_of(owner[order])
    kept = rank <= limit
    return order[kept], rank[kept]
