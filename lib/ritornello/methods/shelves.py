"""A listener's shelf: all that a method may look at, in one row.

The row holds arrays. Every method is then a small function of numpy arrays, and all methods of a
night are computed in one pass over the shelves. What a method learns from other listeners
(neighbours, factors) comes to the shelf as scored items, or to the executors as a shipped matrix.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Floats64, Ints32, Ints64, look_up
from ritornello.tables.contracts import CUTOFFS

JUDGED = max(CUTOFFS)
Scored = tuple[Ints32, Floats64]
LISTS = "user_id int, method string, mixed array<int>, repeats array<int>, new array<int>"
ARROW_LISTS = pa.schema(
    [
        ("user_id", pa.int32()),
        ("method", pa.string()),
        *((name, pa.list_(pa.int32())) for name in ("mixed", "repeats", "new")),
    ]
)
NO_ITEMS: Ints32 = np.zeros(0, np.int32)
NO_SCORES: Floats64 = np.zeros(0)


@dataclass(frozen=True)
class Shelf:
    """One row of ``shelves``: the listener's items, and named arrays beside them.

    Items are in ascending order of their ids.
    """

    batch: pa.RecordBatch
    row: int

    @cached_property
    def items(self) -> Ints32:
        items: Ints32 = self.array("items").astype(np.int32)
        return items

    @cached_property
    def newest(self) -> Ints64:
        """Return the time of each item's last play, in microseconds."""
        newest: Ints64 = self.array("newest")
        return newest

    @cached_property
    def given(self) -> dict[str, Scored]:
        """Return the scored items of methods that use other listeners, by method."""
        names = self.batch.column("given_names")[self.row].as_py() or []
        ends = np.cumsum(self.array("given_sizes").astype(np.int64))[:-1]
        items = np.split(self.array("given_items").astype(np.int32), ends)
        scores = np.split(self.array("given_scores").astype(np.float64), ends)
        return dict(zip(names, zip(items, scores, strict=True), strict=True)) if names else {}

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return a column of the shelf, empty where the listener has none."""
        values = self.batch.column(name)[self.row].values
        return np.zeros(0) if values is None else values.to_numpy(zero_copy_only=False)


class Scorer(Protocol):
    """Method on an executor: opened once per task, then called shelf by shelf."""

    @property
    def fill(self) -> bool:
        """Return whether its lists are filled up with the most popular items."""

    def open(self) -> Callable[[Shelf], Scored]:
        """Return the function from a shelf to scored items and their scores."""


def shelves(pairs: DataFrame, histories: DataFrame, *, columns: Sequence[str]) -> DataFrame:
    """One row per listener: pairs as arrays, and the history.

    Pairs are in ascending order of item ids, the history is newest first. Columns: user_id, items,
    newest (microseconds), the named columns of ``pairs`` as doubles, history.
    """
    values = [F.col(name).cast("double").alias(name) for name in columns]
    pair = F.struct("item_id", F.unix_micros("last_played_at").alias("newest"), *values)
    by_user = pairs.groupBy("user_id").agg(F.sort_array(F.collect_list(pair)).alias("_pairs"))
    arrays = [F.col("_pairs")[name].alias(name) for name in ("newest", *columns)]
    rows = by_user.select("user_id", F.col("_pairs")["item_id"].alias("items"), *arrays)
    history = histories.select("user_id", F.col("item_ids").alias("history"))
    return rows.join(history, on="user_id", how="left")


def scored_items(scored: DataFrame, name: str, *, score: str = "score") -> DataFrame:
    """One row per listener: a method's scored items, ready for ``with_given``."""
    pair = F.struct("item_id", F.col(score).cast("double").alias("score"))
    by_user = scored.groupBy("user_id").agg(F.collect_list(pair).alias("_scored"))
    return by_user.select(
        "user_id",
        F.lit(name).alias("name"),
        F.col("_scored")["item_id"].alias("items"),
        F.col("_scored")["score"].alias("scores"),
    )


def with_given(shelved: DataFrame, given: Sequence[DataFrame]) -> DataFrame:
    """Join all ``scored_items`` to the shelves, once for all methods.

    Columns added: given_names, given_sizes, and given_items and given_scores end to end.
    """
    together = reduce(DataFrame.unionByName, given)
    one = F.struct("name", "items", "scores")
    by_user = together.groupBy("user_id").agg(F.collect_list(one).alias("_given"))
    arrays = by_user.select(
        "user_id",
        F.col("_given")["name"].alias("given_names"),
        F.transform("_given", lambda g: F.size(g["items"])).alias("given_sizes"),
        F.flatten(F.col("_given")["items"]).alias("given_items"),
        F.flatten(F.col("_given")["scores"]).alias("given_scores"),
    )
    return with_arrays(shelved, arrays)


def with_arrays(shelved: DataFrame, arrays: DataFrame) -> DataFrame:
    """Add the further columns of ``arrays``, which has a row per listener."""
    return shelved.join(arrays, on="user_id", how="left")


def rank_shelves(
    shelved: DataFrame, scorers: Mapping[str, Scorer], *, popular: Sequence[int], length: int
) -> DataFrame:
    """One row per (listener, method): lists mixed, repeats and new, best first.

    The mixed list is cut at ``length``, the other two also at ``JUDGED``, where the last metric
    looks.

    Of equal scores the most recently played item comes first, unplayed ones last, then the smaller
    id. A method with ``fill`` is filled up with ``popular`` (ids, best first, bounded), each list
    with its own kind.
    """
    ranking = np.asarray(popular, np.int32)

    def rank_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        opened = {name: (scorer.fill, scorer.open()) for name, scorer in scorers.items()}
        for batch in batches:
            for row in range(batch.num_rows):
                yield _ranked(Shelf(batch, row), opened, ranking, length)

    return shelved.mapInArrow(rank_batches, LISTS)


def _ranked(
    shelf: Shelf,
    opened: Mapping[str, tuple[bool, Callable[[Shelf], Scored]]],
    popular: Ints32,
    length: int,
) -> pa.RecordBatch:
    lists = []
    for fill, score in opened.values():
        items, scores = score(shelf)
        lists.append(lists_of(shelf, items, scores, popular if fill else NO_ITEMS, length))
    user = shelf.batch.column("user_id")[shelf.row].as_py()
    columns = [
        [user] * len(lists),
        list(opened),
        *(list(kind) for kind in zip(*lists, strict=True)),
    ]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, ARROW_LISTS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=ARROW_LISTS)


def lists_of(
    shelf: Shelf, items: Ints32, scores: Floats64, popular: Ints32, length: int
) -> tuple[Ints32, Ints32, Ints32]:
    """Split scored items into the lists mixed, repeats and new.

    Each list is filled up with popular items of its kind.
    """
    at, known = look_up(items, shelf.items)
    newest = np.where(known, shelf.newest[at] if len(shelf.items) else 0, np.iinfo(np.int64).min)
    order = np.lexsort((items, -newest.astype(np.float64), -scores))
    best, known = items[order], known[order]
    familiar = np.isin(popular, shelf.items, assume_unique=True)
    return (
        filled(best, popular, length),
        filled(best[known], popular[familiar], min(length, JUDGED)),
        filled(best[~known], popular[~familiar], min(length, JUDGED)),
    )


def filled(own: Ints32, popular: Ints32, length: int) -> Ints32:
    """Fill ``own`` up with other items of ``popular``, and cut at ``length``."""
    room = length - len(own)
    if room <= 0 or not len(popular):
        return np.ascontiguousarray(own[:length])
    more = popular[: length + len(own)]
    both: Ints32 = np.concatenate([own, more[~np.isin(more, own)][:room]]).astype(np.int32)
    return both
