"""What came of what was shown: places of served lists, and which of them were played in time."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def exposures(lists: DataFrame, *, depth: int) -> DataFrame:
    """One of the first places of a listener's list: what a listener sees of a night.

    It is the list explored where there is one, else mixed. ``lists`` are rows of `recommendations`
    whose item column is called item_id.
    """
    is_explored = F.col("list") == "explored"
    near = lists.where((is_explored | (F.col("list") == "mixed")) & (F.col("rank") <= depth))
    explores = F.max(is_explored).over(Window.partitionBy("user_id")).alias("_explores")
    seen = near.select("*", explores).where(is_explored == F.col("_explores"))
    return seen.select(
        "user_id",
        "rank",
        "item_id",
        F.col("last_played_at").isNotNull().alias("is_repeat"),
        "source",
        "propensity",
    )


def outcomes(shown: DataFrame, plays: DataFrame) -> DataFrame:
    """Every place shown to a listener who played anything in ``plays``, with what came of it.

    ``plays`` (user_id, item_id, played_at) are those of the horizon after the night. Who did not
    listen at all had no chance to choose, and has no row.
    """
    played = plays.groupBy("user_id", "item_id").agg(
        F.count("*").alias("plays"), F.min("played_at").alias("first_played_at")
    )
    listeners = plays.select("user_id").distinct()
    return (
        shown.join(listeners, on="user_id", how="left_semi")
        .join(played, on=["user_id", "item_id"], how="left")
        .withColumn("plays", F.coalesce("plays", F.lit(0).cast("bigint")))
    )


def live_precision(came: DataFrame, *, cutoffs: Sequence[int]) -> DataFrame:
    """One row: listeners, and per cutoff the mean share of first places that were played.

    A list shorter than the cutoff is judged by the cutoff, as precision always is.
    """
    played = (F.col("plays") > 0).cast("int")
    hits = [F.sum(F.when(F.col("rank") <= k, played)).alias(f"_{k}") for k in cutoffs]
    per_user = came.groupBy("user_id").agg(*hits)
    return per_user.agg(
        F.count("*").alias("listeners"),
        *(
            F.avg(F.coalesce(F.col(f"_{k}"), F.lit(0)) / k).alias(f"live_precision_{k}")
            for k in cutoffs
        ),
    )
