"""Models learnt from other listeners: the pool, EASE, the ALS scale."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Floats32, Floats64, Ints32
from ritornello.features.neighbours import strongest_pairs
from ritornello.popularity.scores import softmax_bonus
from ritornello.session import ship_folder, shipped_name


def ship_arrays(spark: Any, name: str, **arrays: npt.NDArray[Any]) -> str:
    """Ship bounded arrays to every executor as one file.

    Returns the name of the file there.
    """
    folder = Path(tempfile.mkdtemp(prefix="ritornello-arrays-"))
    file = f"{shipped_name(name)}.npz"
    np.savez(folder / file, **arrays)  # type: ignore[arg-type]
    ship_folder(spark, folder)
    return file


def ship_pool(
    pairs: DataFrame, *, name: str, listeners: int, per_user: int, by: str = "decayed_60d"
) -> str:
    """Ship the vectors of at most ``listeners`` listeners to every executor.

    Listeners are drawn by a hash of their id. Each vector is cut at its ``per_user`` largest
    weights.
    """
    pool = (
        pairs.select("user_id")
        .distinct()
        .orderBy(F.xxhash64("user_id"), "user_id")
        .limit(listeners)
    )
    own = strongest_pairs(pairs.join(pool, on="user_id", how="left_semi"), by=by, per_user=per_user)
    rows = own.orderBy("user_id", "item_id").toPandas()
    users, starts = np.unique(rows["user_id"].to_numpy(np.int32), return_index=True)
    sums = rows.groupby("user_id")["weight"].transform("sum")
    return ship_arrays(
        pairs.sparkSession,
        name,
        users=users,
        starts=np.append(starts, len(rows)).astype(np.int64),
        items=rows["item_id"].to_numpy(np.int32),
        weights=(rows["weight"] / sums).to_numpy(np.float64),
    )


def ship_ease(
    pairs: DataFrame, items: DataFrame, *, name: str, catalogue: int, ridges: Sequence[float]
) -> str:
    """Ship EASE's item matrices, one per ridge, to every executor.

    They cover the ``catalogue`` items with most listeners. The driver holds catalogue^2 floats,
    whatever the number of listeners and tracks.
    """
    best = items.orderBy(F.desc("users"), "item_id").limit(catalogue).select("item_id")
    ids = np.sort(np.array([row[0] for row in best.collect()], np.int32))
    gram = _gram(pairs.join(F.broadcast(best), on="item_id", how="left_semi"), ids)
    solved = {f"ridge_{ridge:g}": _ease(gram, ridge) for ridge in ridges}
    return ship_arrays(pairs.sparkSession, name, ids=ids, **solved)


def _ease(gram: Floats64, ridge: float) -> Floats32:
    """Compute B = I - P diag(1 / P_ii).

    P = (X'X + ridge I)^-1. The diagonal of B is 0.
    """
    inverse = np.linalg.inv(gram + ridge * np.eye(len(gram)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    matrix: Floats32 = weights.astype(np.float32)
    return matrix


def _gram(pairs: DataFrame, ids: Ints32) -> Floats64:
    """Compute X'X of the binary listeners x items matrix.

    It is summed task by task, in at most 8 tasks.
    """
    per_user = pairs.groupBy("user_id").agg(F.collect_set("item_id").alias("items")).coalesce(8)

    def partial(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        total = np.zeros((len(ids), len(ids)), np.float32)
        for batch in batches:
            for row in range(batch.num_rows):
                known = batch.column("items")[row].values.to_numpy(zero_copy_only=False)
                at = np.searchsorted(ids, known)
                total[np.ix_(at, at)] += 1.0
        yield pa.RecordBatch.from_arrays([pa.array([total.tobytes()])], names=["gram"])

    gram = np.zeros((len(ids), len(ids)))
    for row in per_user.mapInArrow(partial, "gram binary").toLocalIterator():
        gram += np.frombuffer(row["gram"], np.float32).reshape(gram.shape)
    return gram


@dataclass(frozen=True)
class LogitScale:
    """Scale that turns ALS scores and PPS bonuses into probabilities.

    P(played) = sigmoid(als * als_score + bonus * PPS bonus + constant).
    """

    als: float
    bonus: float
    constant: float

    @property
    def slope(self) -> float:
        """Return the worth of one unit of ALS on the bonus's scale.

        It is never below 0.
        """
        return max(0.0, self.als / self.bonus) if self.bonus > 0 else max(0.0, self.als)


def logit_scale(judged: DataFrame) -> LogitScale:
    """Fit Platt's scaling on candidates of a day before the test.

    The fit is MLlib's logistic regression. ``judged`` has a row per candidate: als_score (null
    counts as 0), count (null counts as 0), label (0 or 1).
    """
    rows = judged.select(F.col("label").cast("double").alias("label"), *_evidence())
    assembled = VectorAssembler(inputCols=["als", "bonus"], outputCol="features").transform(rows)
    model = LogisticRegression(regParam=1e-4, standardization=True).fit(assembled)
    als, bonus = (float(value) for value in model.coefficients)
    return LogitScale(als, bonus, float(model.intercept))


def calibration(judged: DataFrame, scale: LogitScale, *, bins: int = 10) -> DataFrame:
    """One row per bin of predicted probability.

    Columns: low, high, predicted (mean), observed (share), pairs (number).
    """
    als, bonus = _evidence()
    logit = als * scale.als + bonus * scale.bonus + scale.constant
    rows = judged.select("label", (1 / (1 + F.exp(-logit))).alias("p"))
    low = F.least(F.floor(F.col("p") * bins), F.lit(bins - 1)) / bins
    return (
        rows.groupBy(low.alias("low"))
        .agg(
            F.avg("p").alias("predicted"),
            F.avg(F.col("label").cast("double")).alias("observed"),
            F.count("*").alias("pairs"),
        )
        .select("low", (F.col("low") + 1.0 / bins).alias("high"), "predicted", "observed", "pairs")
    )


def _evidence() -> tuple[Column, Column]:
    bonus = softmax_bonus(F.coalesce(F.col("count"), F.lit(0.0)))
    als = F.coalesce(F.col("als_score"), F.lit(0.0)).cast("double")
    return als.alias("als"), bonus.alias("bonus")
