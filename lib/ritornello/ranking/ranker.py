"""LambdaRank by SynapseML, trained on the executors, served as native LightGBM."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlineError
from dataclasses import dataclass

import lightgbm
import numpy as np
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StructField, StructType

from ritornello.arrays import Floats32, Floats64
from ritornello.errors import FitFailedError
from ritornello.ranking.columns import FEATURES
from ritornello.session import without_adaptive
from ritornello.settings.lists import RankerSettings

SIMPLE = "simple "
BELOW = -1e6  # where an item without the feature of a simple ranker begins
Predict = Callable[[Floats32 | Floats64], Floats64]


@dataclass(frozen=True)
class Ranker:
    """Trained ranker in LightGBM's native text, which any LightGBM can read.

    A simple ranker (simple.py) has the name of one feature after SIMPLE instead.
    """

    native_text: str
    best_iteration: int

    @property
    def feature(self) -> str | None:
        """Return the only feature of a simple ranker, None for a learnt one."""
        simple = self.native_text.startswith(SIMPLE)
        return self.native_text.removeprefix(SIMPLE) if simple else None


def fit_ranker(
    training: DataFrame, stopping: DataFrame | None, *, settings: RankerSettings
) -> Ranker:
    """Fit on ``training`` samples, and stop early on ``stopping`` samples.

    Both are as in `samples`. Without ``stopping`` all of ``settings.trees`` are grown. A fit that
    fails or outlasts its deadline is tried again. If every attempt fails, FitFailedError is raised
    and the previous model stays in use.
    """
    marked = training.withColumn("is_stopping", F.lit(False))
    if stopping is not None:
        marked = marked.unionByName(stopping.withColumn("is_stopping", F.lit(True)))
    early = stopping is not None
    rows = (
        marked.select(
            "group_id",
            "item_id",
            "label",
            "is_stopping",
            array_to_vector(F.col("features")).alias("features"),
        )
        .repartition(settings.tasks, "group_id")
        .sortWithinPartitions("group_id", "item_id")
    )
    failure = "no attempt was made"
    for _ in range(settings.attempts):
        try:
            with without_adaptive(rows.sparkSession):
                return _within_deadline(rows, settings, early)
        except (Py4JError, DeadlineError) as error:
            failure = str(error).strip().splitlines()[0] if str(error) else type(error).__name__
            rows.sparkSession.sparkContext.cancelAllJobs()
    raise FitFailedError(
        f"the ranker could not be trained ({failure}), the last model stays in use: run train-ranker again"
    )


def _within_deadline(rows: DataFrame, settings: RankerSettings, early: bool) -> Ranker:
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(_fit, rows, settings, early)
        try:
            return future.result(timeout=settings.deadline_minutes * 60)
        except DeadlineError:
            rows.sparkSession.sparkContext.cancelAllJobs()
            raise


def _fit(rows: DataFrame, settings: RankerSettings, early: bool) -> Ranker:
    # imported here: the module needs SynapseML's jar in a running session
    from synapse.ml.lightgbm import LightGBMRanker

    stopping = {
        "validationIndicatorCol": "is_stopping",
        "earlyStoppingRound": settings.early_stopping_rounds,
    }
    model = LightGBMRanker(
        objective="lambdarank",
        groupCol="group_id",
        labelCol="label",
        featuresCol="features",
        metric="ndcg",
        evalAt=[40],
        numIterations=settings.trees,
        numLeaves=settings.leaves,
        learningRate=settings.learning_rate,
        minDataInLeaf=settings.min_rows_in_leaf,
        featureFraction=settings.feature_share,
        baggingFraction=settings.bagging_share,
        baggingFreq=1,
        lambdaL2=settings.l2,
        dataTransferMode="bulk",
        useBarrierExecutionMode=True,
        numTasks=settings.tasks,
        numThreads=settings.threads,
        seed=settings.seed,
        deterministic=True,
        passThroughArgs=f"lambdarank_truncation_level={settings.truncation}",
        verbosity=-1,
        **(stopping if early else {}),
    ).fit(rows)
    text = model.getNativeModel()
    trees = lightgbm.Booster(model_str=text).num_trees()
    return Ranker(text, trees)


def score(rows: DataFrame, ranker: Ranker) -> DataFrame:
    """Replace ``features`` by ``score``: higher is better within a listener."""
    kept = [field for field in rows.schema.fields if field.name != "features"]
    schema = StructType([*kept, StructField("score", DoubleType())])
    names = [field.name for field in kept]

    def predict(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        predicted = prediction(ranker)
        for batch in batches:
            cells = batch.column("features").flatten().to_numpy(zero_copy_only=False)
            matrix = cells.reshape(batch.num_rows, -1) if batch.num_rows else cells.reshape(0, 1)
            scores = predicted(matrix) if batch.num_rows else np.zeros(0)
            columns = [batch.column(name) for name in names] + [pa.array(scores, pa.float64())]
            yield pa.RecordBatch.from_arrays(columns, names=[*names, "score"])

    return rows.mapInArrow(predict, schema)


def prediction(ranker: Ranker) -> Predict:
    """Return the function from a matrix of features to scores."""
    if ranker.feature is None:
        booster = lightgbm.Booster(model_str=ranker.native_text)
        return lambda matrix: np.asarray(booster.predict(matrix, num_threads=1))
    place, als = FEATURES.index(ranker.feature), FEATURES.index("als_score")

    def by_feature(matrix: Floats32 | Floats64) -> Floats64:
        """Sort by the feature. Items without it come below, by ALS."""
        unknown = BELOW + np.nan_to_num(matrix[:, als], nan=-1.0)
        return np.where(np.isnan(matrix[:, place]), unknown, matrix[:, place])

    return by_feature
