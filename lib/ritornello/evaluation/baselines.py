"""The methods everything is compared with, as ranked lists (names: `docs/methods.md`)."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts import CUTOFFS, HALF_LIVES_DAYS, LAST_PLAYS

Ints = npt.NDArray[np.int32]
LENGTH = max(CUTOFFS)
LISTS = "user_id int, method string, mixed array<int>, repeats array<int>, new array<int>"
LIST_ARROW = pa.schema(
    [
        ("user_id", pa.int32()),
        ("method", pa.string()),
        *((name, pa.list_(pa.int32())) for name in ("mixed", "repeats", "new")),
    ]
)
PERSONAL = {
    "personal_most_popular_all": "plays",
    **{f"personal_most_popular_last_{n}": f"plays_in_last_{n}" for n in LAST_PLAYS},
    **{f"decayed_popularity_{d}d": f"decayed_{d}d" for d in HALF_LIVES_DAYS},
}
BASELINES = ("most_popular", *PERSONAL, "own_artists", "als")


def personal_lists(pairs: DataFrame, popular: list[int]) -> DataFrame:
    """Lists of most_popular and of every personal popularity, a row per (listener, method).

    Equal counts: most recently played first, then the smaller item id. A listener's items with a
    count come first; lists are filled up with ``popular`` (ids, best first, of bounded length).
    """
    columns = ["item_id", "last_played_at", *PERSONAL.values()]
    by_user = pairs.groupBy("user_id").agg(
        F.sort_array(F.collect_list(F.struct(*columns))).alias("_pairs")
    )
    arrays = [F.col("_pairs")[name].alias(name) for name in columns if name != "last_played_at"]
    newest = F.transform("_pairs", lambda pair: F.unix_micros(pair["last_played_at"]))
    per_user = by_user.select("user_id", newest.alias("newest"), *arrays)
    ranking = np.asarray(popular, np.int32)

    def rank_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield _personal(batch, ranking)

    return per_user.mapInArrow(rank_batches, LISTS)


def _personal(batch: pa.RecordBatch, popular: Ints) -> pa.RecordBatch:
    found: list[tuple[int, str, Ints, Ints, Ints]] = []
    for row in range(batch.num_rows):
        user = batch.column("user_id")[row].as_py()
        items = _row(batch, "item_id", row).astype(np.int32)
        newest = _row(batch, "newest", row)
        known = np.isin(popular, items)
        repeats, new = popular[known], popular[~known]
        found.append((user, "most_popular", popular[:LENGTH], repeats[:LENGTH], new[:LENGTH]))
        for method, column in PERSONAL.items():
            counts = _row(batch, column, row)
            own = own_order(items, counts, newest)
            found.append((user, method, filled(own, popular), filled(own, repeats), new[:LENGTH]))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(list(column), kind.type)
            for column, kind in zip(
                zip(*found, strict=True) if found else [[]] * 5, LIST_ARROW, strict=True
            )
        ],
        schema=LIST_ARROW,
    )


def _row(batch: pa.RecordBatch, column: str, row: int) -> Any:
    return batch.column(column)[row].values.to_numpy(zero_copy_only=False)


def own_order(items: Ints, counts: npt.NDArray[np.float64], newest: npt.NDArray[np.int64]) -> Ints:
    """Items with a count, by count, then most recently played, then smaller id; cut at 100."""
    counted = np.flatnonzero(counts > 0)
    order = np.lexsort((items[counted], -newest[counted], -counts[counted]))[:LENGTH]
    return np.ascontiguousarray(items[counted][order])


def filled(own: Ints, popular: Ints) -> Ints:
    """``own`` first, then what of ``popular`` is not in it, cut at 100."""
    room = LENGTH - len(own)
    if room <= 0:
        return own[:LENGTH]
    more = popular[: LENGTH + len(own)]
    both: Ints = np.concatenate([own, more[~np.isin(more, own)][:room]]).astype(np.int32)
    return both


def als_method(lists: DataFrame) -> DataFrame:
    """ALS alone: its best played, its best unplayed, and both merged by score."""
    scored = F.flatten(
        F.array(
            F.arrays_zip(F.col("repeat_scores").alias("s"), F.col("repeat_items").alias("i")),
            F.arrays_zip(F.col("new_scores").alias("s"), F.col("new_items").alias("i")),
        )
    )
    best_first = F.sort_array(
        F.transform(scored, lambda x: F.struct((-x["s"]).alias("s"), x["i"].alias("i")))
    )
    return lists.select(
        "user_id",
        F.lit("als").alias("method"),
        F.slice(best_first["i"], 1, LENGTH).alias("mixed"),
        F.col("repeat_items").alias("repeats"),
        F.col("new_items").alias("new"),
    )


def own_artists_method(proposals: DataFrame, personal: DataFrame) -> DataFrame:
    """Own artists' unplayed tracks, filled up with the most popular.

    ``proposals`` come from the candidate source of that name, ``personal`` from ``personal_lists``
    (its most_popular rows bring the filling).
    """
    own = proposals.groupBy("user_id").agg(
        F.sort_array(F.collect_list(F.struct("rank", "item_id")))["item_id"].alias("_own")
    )
    fill = personal.where(F.col("method") == "most_popular")
    nothing = F.array().cast("array<int>")
    first = F.coalesce("_own", nothing)
    return fill.join(own, on="user_id", how="left").select(
        "user_id",
        F.lit("own_artists").alias("method"),
        _filled(first, "mixed").alias("mixed"),
        "repeats",
        _filled(first, "new").alias("new"),
    )


def _filled(first: Column, fill: str) -> Column:
    return F.slice(F.array_distinct(F.concat(first, F.col(fill))), 1, LENGTH)


def published_lists(recommendations: DataFrame, *, method: str, item: str) -> DataFrame:
    """A slice of `recommendations` as lists of a method."""
    by_rank = F.struct("rank", F.col(item).alias("item_id"))
    arrays = [
        F.sort_array(F.collect_list(F.when(F.col("list") == name, by_rank)))["item_id"].alias(name)
        for name in ("mixed", "repeats", "new")
    ]
    return (
        recommendations.groupBy("user_id")
        .agg(*arrays)
        .select("user_id", F.lit(method).alias("method"), "mixed", "repeats", "new")
    )
