"""Read a stream of rows as batches of whole listeners.

The stream has user_id, part, item_id and an array of numbers, and is sorted by the first three. A part
says what a row tells: a listener's profile, a pair, an event. So everything about a listener comes in
one shuffle, and each batch is a few flat arrays, whatever the sizes of the listeners.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Floats32, Floats64, Ints32, Ints64, look_up, spans
from ritornello.shelves.rows import Rows

NO_ITEM = -1
ROWS = 40_000  # after so many rows a batch ends with the listener


class Part(IntEnum):
    """Kinds of rows in the stream."""

    PROFILE = 0  # one row: the profile's columns, then the factors
    PAIR = 1  # one row per item played
    EVENT = 2  # one row per skip, dislike and like: weight and time
    FORBIDDEN = 3  # one row per item that a bar of this listener forbids
    LATER = 4  # one row per play within the horizon of a past day
    PROPOSED = 5  # one row: the candidates, column after column
    FAMILIAR = 6  # one row: the best played items by ALS, then their scores


Layout = Mapping[Part, Sequence[str]]


@dataclass(frozen=True)
class Listed:
    """One list of numbers per owner, by its start and size among all ``numbers``."""

    owner: Ints64
    starts: Ints64
    sizes: Ints64
    numbers: Floats64

    def columns(self, number: int) -> tuple[Ints64, list[Floats64]]:
        """Take apart lists that hold this number of columns end to end.

        Returns the owner of each place, and the columns.
        """
        each = self.sizes // number
        of_list, at = spans(self.starts, each)
        columns = [self.numbers[at + nth * each[of_list]] for nth in range(number)]
        return self.owner[of_list], columns


@dataclass(frozen=True)
class Batch:
    """Some whole listeners.

    ``users`` are their ids, ascending. ``profile`` has a value per listener, and ``factors`` a row;
    both are NaN where nothing is known. ``rows`` and ``lists`` are the other parts.
    """

    users: Ints32
    profile: Mapping[str, Floats64]
    factors: Floats32
    rows: Mapping[Part, Rows]
    lists: Mapping[Part, Listed] = field(default_factory=dict)

    @property
    def pairs(self) -> Rows:
        """Return the items played, each once per listener."""
        return self.rows[Part.PAIR]


def stream(parts: Sequence[DataFrame]) -> DataFrame:
    """Join parts to one stream, with each listener's rows together and in order."""
    rows = reduce(DataFrame.unionByName, parts)
    return rows.repartition("user_id").sortWithinPartitions("user_id", "part", "item_id")


def part_rows(df: DataFrame, part: Part, names: Sequence[str], *more: Column) -> DataFrame:
    """One row of the stream per row, with the named columns as numbers.

    Times become microseconds, days become days since 1970, null becomes NaN. ``more`` are arrays of
    numbers to append.
    """
    item = F.col("item_id") if "item_id" in df.columns else F.lit(NO_ITEM)
    numbers = F.array(*(as_number(df, name) for name in names)).cast("array<double>")
    appended = F.concat(numbers, *(one.cast("array<double>") for one in more)) if more else numbers
    return df.select(
        "user_id",
        F.lit(int(part)).alias("part"),
        item.alias("item_id"),
        appended.alias("numbers"),
    )


def list_rows(df: DataFrame, part: Part, names: Sequence[str]) -> DataFrame:
    """One row of the stream per listener, with the named arrays end to end."""
    return part_rows(df, part, (), *(F.col(name) for name in names))


def as_number(df: DataFrame, name: str) -> Column:
    """Return a column as a number.

    A time is in microseconds, a day in days, both since 1970.
    """
    ways: dict[str, Callable[[str], Column]] = {"timestamp": F.unix_micros, "date": F.unix_date}
    return ways.get(dict(df.dtypes)[name], F.col)(name).cast("double").alias(name)


def batches_of(batches: Iterable[pa.RecordBatch], layout: Layout, *, rank: int) -> Iterator[Batch]:
    """Read a sorted stream, a batch of whole listeners at a time.

    Listeners without a profile are unknown as of the instant and are left out. ``layout`` names the
    numbers of each part, and ``rank`` is the number of factors after the profile's numbers.
    """
    for table in whole_listeners(batches):
        yield _batch(table, layout, rank)


def whole_listeners(
    batches: Iterable[pa.RecordBatch], *, rows: int | None = None
) -> Iterator[pa.Table]:
    """Cut a sorted stream, so that no listener is cut in two."""
    kept: list[pa.RecordBatch] = []
    size, enough = 0, rows or ROWS
    for batch in batches:
        if not batch.num_rows:
            continue
        users = batch.column("user_id").to_numpy()
        last = int(np.searchsorted(users, users[-1]))  # where the last listener begins
        is_new = bool(kept) and kept[-1].column("user_id")[-1].as_py() != users[0]
        if size + last >= enough and (last or is_new):
            yield pa.Table.from_batches([*kept, batch.slice(0, last)])
            kept, size, batch = [], 0, batch.slice(last)
        kept.append(batch)
        size += batch.num_rows
    if size:
        yield pa.Table.from_batches(kept)


def _batch(table: pa.Table, layout: Layout, rank: int) -> Batch:
    user, part, item = (table.column(name).to_numpy() for name in ("user_id", "part", "item_id"))
    arrays = table.column("numbers").combine_chunks()
    sizes = pc.list_value_length(arrays).to_numpy(zero_copy_only=False).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    numbers = arrays.flatten().to_numpy(zero_copy_only=False)
    users = user[part == Part.PROFILE]
    owner, is_known = look_up(user, users)

    def block(of: Part, width: int) -> tuple[Ints64, Floats64]:
        """Return the part's rows, and a matrix of their numbers."""
        at = np.flatnonzero((part == of) & is_known)
        return at, numbers[starts[at][:, None] + np.arange(width)]

    names = layout[Part.PROFILE]
    _, by_user = block(Part.PROFILE, len(names) + rank)
    rows: dict[Part, Rows] = {}
    lists: dict[Part, Listed] = {}
    for one, columns in layout.items():
        if one is Part.PROFILE:
            continue
        at, matrix = block(one, len(columns))
        if one in (Part.PROPOSED, Part.FAMILIAR):
            lists[one] = Listed(owner[at], starts[at], sizes[at], numbers)
        else:
            by_name = {name: matrix[:, nth] for nth, name in enumerate(columns)}
            rows[one] = Rows(owner[at], item[at], by_name)
    profile = {name: by_user[:, nth] for nth, name in enumerate(names)}
    factors = by_user[:, len(names) :].astype(np.float32)
    return Batch(users, profile, factors, rows, lists)
