"""Intervals of a mean by a Poisson bootstrap over listeners.

Sums are computed where the rows are. Each replicate weights a listener with a Poisson(1) number
instead of drawing listeners with replacement (Chamandy et al. 2012), so no task has to know how
many there are. The number comes from a hash of listener, replicate and seed. It is the same in all
rows of a listener, which clusters the bootstrap by listener, and the same in every run, whatever
the partitions.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType

from ritornello.arrays import Floats64, Ints64
from ritornello.hashing import splitmix64, unit

LISTENERS_AT_ONCE = 2_000
# P(X <= 0), P(X <= 1), … of a Poisson(1) number; beyond 17 the rest is lost in a double
CUMULATED = np.cumsum([math.exp(-1) / math.factorial(n) for n in range(18)])
PLAIN = -1  # the replicate in which every listener has weight one


@dataclass(frozen=True)
class Replicates:
    """Number and seed of the replicates, and the level of the interval."""

    count: int = 1000
    seed: int = 7
    level: float = 0.95


DEFAULT = Replicates()


def bootstrap_means(
    rows: DataFrame, *, by: Sequence[str], values: Sequence[str], replicates: Replicates = DEFAULT
) -> DataFrame:
    """One row per (``by``, metric): the mean over rows with its percentile interval.

    Columns: ``by`` (strings or whole numbers), metric (a name of ``values``), rows, mean, low,
    high. ``rows`` has user_id. Nulls do not count in their metric, nor does a replicate in which no
    listener of a small group has weight. Percentiles are interpolated linearly.
    """
    tail = (1 - replicates.level) / 2
    summed = _partial_sums(rows, by, values, replicates).groupBy(*by, "metric", "replicate")
    sums = summed.agg(F.sum("weight").alias("weight"), F.sum("total").alias("total"))
    mean = F.when(F.col("weight") > 0, F.col("total") / F.col("weight"))
    plain = F.col("replicate") == PLAIN
    ends = F.percentile(F.when(~plain, mean), F.array(F.lit(tail), F.lit(1 - tail)))
    intervals = sums.groupBy(*by, "metric").agg(
        F.max(F.when(plain, F.col("weight"))).cast("long").alias("rows"),
        F.max(F.when(plain, mean)).alias("mean"),
        ends.alias("_ends"),
    )
    return intervals.withColumns({"low": F.col("_ends")[0], "high": F.col("_ends")[1]}).drop(
        "_ends"
    )


def _partial_sums(
    rows: DataFrame, by: Sequence[str], values: Sequence[str], replicates: Replicates
) -> DataFrame:
    """One row per (task, ``by``, metric, replicate): sums of weights and weighted values.

    Rows are brought together by listener, so that weights are drawn once per listener.
    """
    numbers = [
        StructField("metric", StringType()),
        StructField("replicate", IntegerType()),
        StructField("weight", DoubleType()),
        StructField("total", DoubleType()),
    ]
    schema = StructType([*(rows.schema[name] for name in by), *numbers])
    doubles = [F.col(name).cast("double").alias(name) for name in values]
    together = rows.select("user_id", *by, *doubles).repartition("user_id")
    sums = _Sums(list(by), list(values), replicates, to_arrow_schema(schema))
    return together.sortWithinPartitions("user_id").mapInArrow(sums.of_batches, schema)


@dataclass(frozen=True)
class _Sums:
    """Sums of the rows of one task."""

    by: list[str]
    values: list[str]
    replicates: Replicates
    schema: pa.Schema

    def of_batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        sums: dict[tuple[Any, ...], Floats64] = {}
        for batch in batches:
            frame = batch.to_pandas()
            for start, end in _stretches(frame["user_id"].to_numpy(np.int64)):
                for key, summed in self._of_frame(frame.iloc[start:end]):
                    sums[key] = sums[key] + summed if key in sums else summed
        for key, summed in sums.items():
            yield self._to_batch(key, summed)

    def _of_frame(self, frame: pd.DataFrame) -> Iterator[tuple[tuple[Any, ...], Floats64]]:
        """Yield the sums of each group, a row per replicate.

        The plain replicate comes first. A row holds the weights of all values, then their totals.
        """
        users, place = np.unique(frame["user_id"].to_numpy(np.int64), return_inverse=True)
        weights = weights_of(users, count=self.replicates.count, seed=self.replicates.seed)
        measured = frame[self.values].to_numpy(np.float64)
        known = ~np.isnan(measured)
        both = np.hstack([known, np.where(known, measured, 0.0)])
        for key, rows in frame.groupby(self.by, sort=False, dropna=False).indices.items():
            per_user = np.zeros((len(users), both.shape[1]))
            np.add.at(per_user, place[rows], both[rows])
            summed = np.vstack([per_user.sum(axis=0), weights.T @ per_user])
            yield (key if isinstance(key, tuple) else (key,)), summed

    def _to_batch(self, key: tuple[Any, ...], summed: Floats64) -> pa.RecordBatch:
        length, half = len(summed), len(self.values)
        columns: list[Any] = [[value] * (length * half) for value in key]
        columns += [
            np.repeat(np.array(self.values, dtype=object), length),
            np.tile(np.arange(PLAIN, length - 1), half),
            summed[:, :half].T.ravel(),
            summed[:, half:].T.ravel(),
        ]
        arrays = [pa.array(c, kind.type) for c, kind in zip(columns, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def _stretches(users: Ints64) -> Iterator[tuple[int, int]]:
    """Cut sorted rows into stretches with a bounded number of listeners.

    This bounds the memory of the weights.
    """
    ends = np.flatnonzero(np.diff(users, append=users[-1:] + 1)) + 1
    bounds = [0, *ends[LISTENERS_AT_ONCE - 1 :: LISTENERS_AT_ONCE].tolist(), len(users)]
    return ((start, end) for start, end in pairwise(bounds) if end > start)


def weights_of(users: Ints64, *, count: int, seed: int) -> Floats64:
    """Return Poisson(1) numbers, a row per listener and a column per replicate."""
    with np.errstate(over="ignore"):
        lines = splitmix64(users.astype(np.uint64) + splitmix64(np.array([seed], dtype=np.uint64)))
        columns = splitmix64(np.arange(1, count + 1, dtype=np.uint64))
        words = splitmix64(lines[:, None] ^ columns[None, :])
    uniform = unit(words)
    return np.searchsorted(CUMULATED, uniform, side="right").astype(np.float64)
