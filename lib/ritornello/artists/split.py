"""Split pairs of listener and item into train, validation and test.

The split is by a hash or by time.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant

PARTS = ("train", "val", "test")
DRAWS = 1 << 40


def at_least(pairs: DataFrame, *, minimum: int) -> DataFrame:
    """Keep pairs whose listener and item each have ``minimum`` pairs.

    Dropping pairs repeats until all that remain qualify (formulas: B1.3). Each round is computed
    once and checkpointed on the executors.
    """
    kept, left = pairs, -1
    while True:
        kept = _of_frequent(_of_frequent(kept, "user_id", minimum), "item_id", minimum)
        kept = kept.localCheckpoint()
        count = kept.count()
        if count == left:
            return kept
        left = count


def _of_frequent(pairs: DataFrame, key: str, minimum: int) -> DataFrame:
    counts = pairs.groupBy(key).agg(F.count("*").alias("_pairs"))
    return pairs.join(counts.where(F.col("_pairs") >= minimum), on=key, how="left_semi")


def random_parts(pairs: DataFrame, *, val: float, test: float, seed: int) -> DataFrame:
    """Add ``part``, drawn by a hash of (listener, item, seed).

    The draw is the same on any machine.
    """
    draw = F.pmod(F.xxhash64("user_id", "item_id", F.lit(seed)), F.lit(DRAWS)) / F.lit(float(DRAWS))
    part = F.when(draw < test, "test").when(draw < test + val, "val").otherwise("train")
    return pairs.withColumn("part", part)


def temporal_parts(plays: DataFrame, *, val: datetime, test: datetime) -> DataFrame:
    """One row per (listener, item) with ``plays`` and ``part``.

    The listener's first play of the item decides the part. train: first played before ``val``,
    counting plays before ``val``; val: first played in [val, test), counting plays before ``test``;
    test: first played at or after ``test``, counting all plays. ``plays`` has user_id, item_id and
    played_at.
    """
    moment = F.col("played_at")
    early, middle = moment < instant(val), moment < instant(test)
    counted = plays.groupBy("user_id", "item_id").agg(
        _count(early).alias("_train"), _count(middle).alias("_val"), F.count("*").alias("_all")
    )
    known, sooner = F.col("_train") > 0, F.col("_val") > 0
    return counted.select(
        "user_id",
        "item_id",
        F.when(known, F.col("_train"))
        .when(sooner, F.col("_val"))
        .otherwise(F.col("_all"))
        .alias("plays"),
        F.when(known, "train").when(sooner, "val").otherwise("test").alias("part"),
    )


def _count(condition: Column) -> Column:
    return F.sum(condition.cast("long"))


def of_known(split: DataFrame) -> DataFrame:
    """Keep pairs of listeners who have a training pair.

    Other listeners cannot be judged.
    """
    trained = split.where(F.col("part") == "train").select("user_id").distinct()
    return split.join(trained, on="user_id", how="left_semi")
