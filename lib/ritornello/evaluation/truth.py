"""Truth after the as-of instant: what was played, and what was new."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.tables.contracts import LIKE


def played(test_plays: DataFrame) -> DataFrame:
    """One row per (listener, item) with a positive play: ``gain`` 1."""
    heard = test_plays.where(F.col("weight") > 0).select("user_id", "item_id").distinct()
    return heard.withColumn("gain", F.lit(1.0))


def graded(test_plays: DataFrame) -> DataFrame:
    """One row per (listener, item) with a ``gain`` above 0.

    The gain is the weight of the event that counts. Explicit events (weight 2 or -2: like, dislike)
    beat plays and skips. Among equals the later one wins, at one instant the larger weight. If a
    negative event wins there is no row (formulas: A3).
    """
    explicit = F.abs("weight") >= LIKE
    order = Window.partitionBy("user_id", "item_id").orderBy(
        explicit.desc(), F.desc("played_at"), F.desc("weight")
    )
    last = test_plays.withColumn("_nth", F.row_number().over(order)).where(F.col("_nth") == 1)
    return last.where(F.col("weight") > 0).select(
        "user_id", "item_id", F.col("weight").cast("double").alias("gain")
    )


def truth(test_items: DataFrame, pairs: DataFrame) -> DataFrame:
    """One row per listener with a test item: all, repeats and new ones.

    These are its distinct test items, split into those played before and new ones. Columns:
    user_id, all, repeats, new (arrays of item ids in no particular order) and beside each its gains
    (all_gains, repeats_gains, new_gains). ``test_items`` has user_id, item_id, gain. ``pairs`` is
    the history as of the instant at which the test begins.
    """
    known = pairs.select("user_id", "item_id", F.lit(True).alias("_known"))
    marked = test_items.join(known, on=["user_id", "item_id"], how="left")
    kinds = {
        "all": F.lit(True),
        "repeats": F.coalesce("_known", F.lit(False)),
        "new": F.col("_known").isNull(),
    }
    item = F.struct("item_id", F.col("gain").cast("double").alias("gain"))
    collected = [F.collect_list(F.when(kept, item)).alias(name) for name, kept in kinds.items()]
    arrays = [F.col(name)["item_id"].alias(name) for name in kinds]
    gains = [F.col(name)["gain"].alias(f"{name}_gains") for name in kinds]
    return marked.groupBy("user_id").agg(*collected).select("user_id", *arrays, *gains)
