"""Best items by ALS for every listener, in a tiled matrix product.

Known items are masked inside the tile. Item factors go to each executor once, as a file that its
Python workers map into memory. Listeners come in Arrow batches with the items they know. Nothing of
size listeners x items ever exists.
"""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.arrays import Floats32, Ints32, Ints64, look_up
from ritornello.session import ship_folder, shipped_name

USERS_PER_TILE = 128
ITEMS_PER_TILE = 32_768
Best = tuple[Ints32, Floats32]  # items and their scores, best first
LISTS = (
    "user_id int, repeat_items array<int>, repeat_scores array<float>, "
    "new_items array<int>, new_scores array<float>"
)
ARROW_LISTS = pa.schema(
    [
        ("user_id", pa.int32()),
        ("repeat_items", pa.list_(pa.int32())),
        ("repeat_scores", pa.list_(pa.float32())),
        ("new_items", pa.list_(pa.int32())),
        ("new_scores", pa.list_(pa.float32())),
    ]
)


@dataclass(frozen=True)
class ItemMatrix:
    """Item factors on every executor, as two files: ascending ids, and their factors.

    ``rank`` is the number of factors of an item.
    """

    ids_file: str
    factors_file: str
    rank: int

    def load(self) -> tuple[Ints32, Floats32]:
        """Map the ids and factors into memory from the executor's copy."""
        ids = np.load(SparkFiles.get(self.ids_file), mmap_mode="r")
        return ids, np.load(SparkFiles.get(self.factors_file), mmap_mode="r")


def ship(item_factors: DataFrame) -> ItemMatrix:
    """Ship (item_id, factors) to the executors.

    The driver holds the item factors once, in catalogue x rank x 4 bytes.
    """
    rows = item_factors.orderBy("item_id").toPandas()
    stacked = np.array(rows["factors"].tolist(), dtype=np.float32).reshape(
        len(rows), len(rows) and -1
    )
    return ship_matrix(
        item_factors.sparkSession, rows["item_id"].to_numpy(np.int32), stacked, name="factors"
    )


def ship_matrix(spark: SparkSession, ids: Ints32, values: Floats32, *, name: str) -> ItemMatrix:
    """Ship ascending ids and their values, as files to map into memory."""
    folder = Path(tempfile.mkdtemp(prefix=f"ritornello-{name}-"))
    file = shipped_name(name)
    matrix = ItemMatrix(f"{file}-ids.npy", f"{file}-factors.npy", int(np.prod(values.shape[1:])))
    np.save(folder / matrix.ids_file, ids)
    np.save(folder / matrix.factors_file, values)
    ship_folder(spark, folder)
    return matrix


def als_lists(
    user_factors: DataFrame, pairs: DataFrame, matrix: ItemMatrix, *, length: int
) -> DataFrame:
    """One row per listener: best played and unplayed items by dot product.

    Each list has up to ``length`` items. Equal scores go to the smaller item id. ``pairs`` says
    what was played. Listeners without factors or plays have no row.
    """
    known = pairs.groupBy("user_id").agg(F.collect_list("item_id").alias("known"))
    users = user_factors.select("user_id", "factors").join(known, on="user_id", how="inner")

    def rank_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        ids, factors = matrix.load()
        for batch in batches:
            if batch.num_rows:
                yield _ranked(batch, ids, factors, length)

    return users.mapInArrow(rank_batches, LISTS)


def _ranked(batch: pa.RecordBatch, ids: Ints32, factors: Floats32, length: int) -> pa.RecordBatch:
    users = batch.column("factors").flatten().to_numpy(zero_copy_only=False)
    users = users.reshape(batch.num_rows, -1).astype(np.float32)
    played = [np.asarray(items, np.int32) for items in batch.column("known").to_pylist()]
    repeats, new = best_played_and_unplayed(users, played, ids, factors, length=length)
    columns = [
        batch.column("user_id"),
        pa.array([items for items, _ in repeats], pa.list_(pa.int32())),
        pa.array([scores for _, scores in repeats], pa.list_(pa.float32())),
        pa.array([items for items, _ in new], pa.list_(pa.int32())),
        pa.array([scores for _, scores in new], pa.list_(pa.float32())),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ARROW_LISTS)


def best_played_and_unplayed(
    users: Floats32, played: list[Ints32], ids: Ints32, factors: Floats32, *, length: int
) -> tuple[list[Best], list[Best]]:
    """Return each listener's best played and best unplayed items, with their scores.

    ``users`` holds the factors of each listener, and ``factors`` those of the items ``ids``,
    ascending. Each list has up to ``length`` items.
    """
    repeats: list[Best] = []
    new: list[Best] = []
    for start in range(0, len(users), USERS_PER_TILE):
        tile = users[start : start + USERS_PER_TILE]
        places = [_places(items, ids) for items in played[start : start + USERS_PER_TILE]]
        repeats += [
            _best(factors[at] @ user, ids[at], length)
            for user, at in zip(tile, places, strict=True)
        ]
        new += best_unknown(tile, places, ids, factors, length)
    return repeats, new


def _places(items: Ints32, ids: Ints32) -> Ints64:
    """Return the places of the items in the sorted ids.

    Items without factors are left out.
    """
    at, is_there = look_up(items, ids)
    return np.sort(at[is_there])


def best_unknown(
    users: Floats32, places: list[Ints64], ids: Ints32, factors: Floats32, length: int
) -> list[Best]:
    """Return each listener's best items outside ``places``, tile by tile of items.

    The rounding of a tile's product depends on which listeners are in it. So the best of each tile
    are scored again, one listener at a time, and nobody's scores depend on who else is served.
    """
    kept: list[list[Best]] = [[] for _ in users]
    for start in range(0, len(ids), ITEMS_PER_TILE):
        scores = users @ factors[start : start + ITEMS_PER_TILE].T
        tile = ids[start : start + ITEMS_PER_TILE]
        for row, at in enumerate(places):
            inside = at[(at >= start) & (at < start + len(tile))] - start
            scores[row, inside] = -np.inf
        for row in range(len(users)):
            kept[row].append(_best(scores[row], tile, length))
    shortlists = [np.concatenate([items for items, _ in one]) for one in kept]
    return [
        _best(_scores(factors[np.searchsorted(ids, items)], user), items, length)
        for items, user in zip(shortlists, users, strict=True)
    ]


def _scores(factors: Floats32, user: Floats32) -> Floats32:
    """Compute dot products in float64, row by row.

    So a row's score does not depend on the batch.
    """
    exact = np.einsum("ij,j->i", factors.astype(np.float64), user.astype(np.float64))
    scores: Floats32 = exact.astype(np.float32)
    return scores


def _best(scores: Floats32, items: Ints32, length: int) -> Best:
    """Return the best items and their scores, best first.

    Equal scores go to the smaller id. Items with a score of -inf are left out.
    """
    if len(scores) > length:
        cut = np.partition(scores, len(scores) - length)[len(scores) - length]
        above = np.flatnonzero(scores >= cut)
        scores, items = scores[above], items[above]
    order = np.lexsort((items, -scores))[:length]
    order = order[np.isfinite(scores[order])]
    return np.ascontiguousarray(items[order]), np.ascontiguousarray(scores[order])
