"""Factors of listeners who came after a fit, solved from item factors.

Implicit ALS (Hu, Koren, Volinsky 2008) with MLlib's scaling of the regularisation: a listener's x
solves (YᵀY + Σ c y yᵀ + reg n I) x = Σ (1 + c) y over the n items played, c = alpha · rating, where
YᵀY runs over all items. This is the last half step of the fit, so a listener of the fit gets the
same factors again.
"""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Floats32, Floats64

FACTORS = "user_id int, factors array<float>"


def fold_in(ratings: DataFrame, items: DataFrame, *, alpha: float, reg: float) -> DataFrame:
    """Solve (user_id, factors) of the listeners in ``ratings`` from ``items``.

    ``items`` has item_id and factors. ``ratings`` are weighted as for the fit (user_id, item_id,
    rating). A rating of 0 says nothing. Items unknown to the fit are ignored, and a listener
    without any known item has no row.
    """
    known = ratings.where(F.col("rating") > 0).join(
        items.select("item_id", "factors"), on="item_id", how="inner"
    )
    listened = known.groupBy("user_id").agg(
        F.sort_array(F.collect_list(F.struct("item_id", "rating", "factors"))).alias("_items")
    )
    systems = listened.select("user_id", "_items.rating", "_items.factors").crossJoin(
        F.broadcast(gram(items))
    )
    return systems.mapInArrow(partial(_solve, alpha=alpha, reg=reg), FACTORS)


def gram(items: DataFrame) -> DataFrame:
    """Compute YᵀY of the item factors as one row, its cells row by row."""
    cells = items.select("factors").mapInArrow(_products, "cell int, value double")
    summed = cells.groupBy("cell").agg(F.sum("value").alias("value"))
    in_order = F.sort_array(F.collect_list(F.struct("cell", "value")))
    one: DataFrame = summed.agg(in_order["value"].alias("gram"))
    return one


def solved(
    ratings: Floats64, factors: Floats64, gram: Floats64, *, alpha: float, reg: float
) -> Floats64:
    """Solve one listener's factors. ``factors`` has a row per rating."""
    confidence = alpha * ratings
    left = gram + (factors.T * confidence) @ factors + reg * len(ratings) * np.eye(len(gram))
    x: Floats64 = np.linalg.solve(left, factors.T @ (1.0 + confidence))
    return x


def _products(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    total = None
    for batch in batches:
        if batch.num_rows:
            part = _matrix(batch.column("factors"), batch.num_rows)
            total = part.T @ part + (0 if total is None else total)
    if total is not None:
        cells = pa.array(np.arange(total.size, dtype=np.int32))
        yield pa.RecordBatch.from_arrays([cells, pa.array(total.ravel())], ["cell", "value"])


def _solve(
    batches: Iterable[pa.RecordBatch], *, alpha: float, reg: float
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        solutions = [_of_row(batch, row, alpha, reg) for row in range(batch.num_rows)]
        factors = pa.array(solutions, pa.list_(pa.float32()))
        yield pa.RecordBatch.from_arrays([batch.column("user_id"), factors], ["user_id", "factors"])


def _of_row(batch: pa.RecordBatch, row: int, alpha: float, reg: float) -> Floats32:
    ratings = batch.column("rating")[row].values.to_numpy(zero_copy_only=False).astype(np.float64)
    factors = _matrix(batch.column("factors")[row].values, len(ratings))
    gram_ = _matrix(batch.column("gram")[row].values, factors.shape[1])
    return solved(ratings, factors, gram_, alpha=alpha, reg=reg).astype(np.float32)


def _matrix(values: pa.Array, rows: int) -> Floats64:
    """Shape lists, or a square matrix's cells, into ``rows`` rows."""
    flat = values.flatten() if pa.types.is_list(values.type) else values
    matrix: Floats64 = flat.to_numpy(zero_copy_only=False).astype(np.float64).reshape(rows, -1)
    return matrix
