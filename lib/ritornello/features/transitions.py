"""What follows what within a session: sessions end where 30 minutes pass without a play."""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.best import best_rows

SESSION_GAP_SECONDS = 1_800
LAGS = (1, 2, 3)
MOST_PER_LISTENER = 3.0
STEPS = "item_id int, next_item_id int, weight double"


def transitions(histories: DataFrame, *, served: int) -> DataFrame:
    """One (item, next item): weight (a play 1, 2, 3 places later counts 1, 1/2, 1/3) and users.

    From the plays that ``histories`` holds. A listener adds at most 3 to a pair; pairs of fewer than
    two listeners and of an item with itself stay out; cut at the best ``served`` per item.
    """
    arrays = histories.select(
        "user_id", "item_ids", F.transform("played_at", F.unix_seconds).alias("at")
    )
    followed = (
        arrays.mapInArrow(_steps, STEPS)
        .groupBy("item_id", "next_item_id")
        .agg(F.sum("weight").alias("weight"), F.count("*").alias("users"))
        .where(F.col("users") >= 2)
    )
    return best_rows(followed, of="item_id", by="weight", tie="next_item_id", limit=served)


def _steps(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for row in range(batch.num_rows):
            items = batch.column("item_ids")[row].values.to_numpy(zero_copy_only=False)[::-1]
            at = batch.column("at")[row].values.to_numpy(zero_copy_only=False)[::-1]
            first, then, weight = steps_of(items.astype(np.int64), at)
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(first.astype(np.int32)),
                    pa.array(then.astype(np.int32)),
                    pa.array(weight),
                ],
                names=["item_id", "next_item_id", "weight"],
            )


def steps_of(
    items: npt.NDArray[np.int64], at: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """One listener's distinct (item, next, weight) of plays in time order, ``at`` in seconds."""
    session = np.concatenate([[0], np.cumsum(np.diff(at) >= SESSION_GAP_SECONDS)])[: len(items)]
    found = []
    for lag in LAGS:
        first, then = items[:-lag], items[lag:]
        kept = (session[:-lag] == session[lag:]) & (first != then)
        found.append(np.column_stack([first[kept], then[kept], np.full(kept.sum(), lag)]))
    steps = np.concatenate(found)
    pairs, which = np.unique(steps[:, :2], axis=0, return_inverse=True)
    weights = np.bincount(which.ravel(), 1.0 / steps[:, 2], len(pairs))
    return pairs[:, 0], pairs[:, 1], np.minimum(weights, MOST_PER_LISTENER)
