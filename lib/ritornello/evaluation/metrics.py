"""Accuracy of ranked lists, one definition for every method (`docs/metrics.md`).

For a listener with distinct test items T and a list L: precision@k = hits/k; recall@k = hits/|T|;
recall_capped@k = hits/min(k, |T|); AP@k = sum over hits of precision at the hit's rank, divided by
min(k, |T|); NDCG@k = sum of gain/log2(1 + rank) over hits, divided by the same of the best
min(k, |T|) test items (gains are 1 unless they are graded). A listener without a list counts 0; one
without a test item of the target does not count.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType

from ritornello.arrays import Floats64, Ints32, Ints64, look_up, pair_keys, spans
from ritornello.tables.contracts import CUTOFFS, METRICS, TARGETS

LIST_OF_TARGET = {"all": "mixed", "repeats": "repeats", "new": "new"}
METRIC_COLUMNS = [f"{metric}_{k}" for metric in METRICS for k in CUTOFFS]
LENGTH = max(CUTOFFS)


def evaluate(lists: DataFrame, truth: DataFrame, methods: list[str]) -> DataFrame:
    """One row per (listener, method, target) with a test item: its metrics.

    Columns are those of the contract. ``lists`` has user_id, method and the arrays mixed, repeats,
    new, best first. ``truth`` comes from ``truth()``. Every listener of ``truth`` is judged for
    every one of ``methods``.
    """
    every = F.explode(F.array(*(F.lit(method) for method in methods))).alias("method")
    cases = truth.select("*", every)
    answered = cases.join(
        lists.withColumnRenamed("new", "new_list")
        .withColumnRenamed("repeats", "repeats_list")
        .withColumnRenamed("mixed", "mixed_list"),
        on=["user_id", "method"],
        how="left",
    )
    schema = StructType(
        [
            StructField("user_id", IntegerType()),
            StructField("method", StringType()),
            StructField("target", StringType()),
            StructField("test_items", IntegerType()),
            *(StructField(name, DoubleType()) for name in METRIC_COLUMNS),
        ]
    )
    return answered.mapInArrow(_judge_batches, schema)


def _judge_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for target in TARGETS:
            yield _judge(batch, target)


def _judge(batch: pa.RecordBatch, target: str) -> pa.RecordBatch:
    test_items, of_test, place_in_test = _flat(batch.column(target))
    worth, _, _ = _flat(batch.column(f"{target}_gains"))
    listed, of_list, place = _flat(batch.column(f"{LIST_OF_TARGET[target]}_list"))
    sizes = np.bincount(of_test, minlength=batch.num_rows).astype(np.int32)
    keys = pair_keys(of_test, test_items)
    by_key = np.argsort(keys)
    first = place < LENGTH
    of_list, place, listed = of_list[first], place[first], listed[first]
    at, is_hit = look_up(pair_keys(of_list, listed), keys[by_key])
    gains, best = np.zeros((batch.num_rows, LENGTH)), np.zeros((batch.num_rows, LENGTH))
    gains[of_list[is_hit], place[is_hit]] = worth[by_key][at[is_hit]]
    largest_first = np.lexsort((-worth, of_test))
    top = place_in_test < LENGTH  # places within a listener are the same in any order
    best[of_test[top], place_in_test[top]] = worth[largest_first][top]
    rows = np.flatnonzero(sizes)
    gains, best, sizes = gains[rows], best[rows], sizes[rows]
    cases = batch.take(pa.array(rows))
    columns = [
        cases.column("user_id"),
        cases.column("method"),
        pa.array([target] * len(rows), pa.string()),
        pa.array(sizes, pa.int32()),
        *(pa.array(values) for values in metrics_of(gains, best, sizes)),
    ]
    names = ["user_id", "method", "target", "test_items", *METRIC_COLUMNS]
    return pa.RecordBatch.from_arrays(columns, names=names)


def _flat(lists: pa.ListArray) -> tuple[NDArray[Any], Ints64, Ints64]:
    """Return all values of the lists, with the row and place of each.

    Places count from 0.
    """
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy().astype(np.int64)
    row, place = spans(np.zeros(len(lists), np.int64), sizes)
    return lists.flatten().to_numpy(zero_copy_only=False), row, place


def metrics_of(gains: Floats64, best_gains: Floats64, sizes: Ints32) -> list[Floats64]:
    """Compute metrics in the order of METRIC_COLUMNS, a value per listener.

    ``gains`` are those of the list by rank, 0 for a miss. ``best_gains`` are those of the test
    items, largest first. ``sizes`` are the |T|.
    """
    hits = (gains > 0).astype(np.float64)
    ranks = np.arange(1, hits.shape[1] + 1)
    discounts = 1.0 / np.log2(1.0 + ranks)
    hits_so_far = hits.cumsum(axis=1)
    averaged = (hits * hits_so_far / ranks).cumsum(axis=1)
    gained = (gains * discounts).cumsum(axis=1)
    ideal = (best_gains * discounts).cumsum(axis=1)
    at = [k - 1 for k in CUTOFFS]
    best = [np.minimum(k, sizes) for k in CUTOFFS]
    return [
        *(hits_so_far[:, i] / k for i, k in zip(at, CUTOFFS, strict=True)),
        *(hits_so_far[:, i] / sizes for i in at),
        *(hits_so_far[:, i] / top for i, top in zip(at, best, strict=True)),
        *(averaged[:, i] / top for i, top in zip(at, best, strict=True)),
        *(gained[:, i] / ideal[:, i] for i in at),
    ]


def means(evaluations: DataFrame) -> DataFrame:
    """One row per (method, target): the mean of every metric over its listeners.

    ``listeners`` is their number.
    """
    return evaluations.groupBy("method", "target").agg(
        F.count("*").alias("listeners"),
        *(F.avg(name).alias(name) for name in METRIC_COLUMNS),
    )
