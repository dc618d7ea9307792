"""Outcomes of shown lists: their places, and which were played in time."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def exposures(lists: DataFrame, *, depth: int) -> DataFrame:
    """One row per place that a listener sees of a night.

    These are the first ``depth`` places of the list explored where there is one, else of mixed.
    ``lists`` are rows of `recommendations` whose item column is called item_id.
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
    """One row per place shown to a listener who listened, with its plays.

    ``plays`` (user_id, item_id, played_at) are those of the horizon after the night. A listener
    without any had no chance to choose, and has no row.
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


def live_precision(outcomes: DataFrame, *, cutoffs: Sequence[int]) -> DataFrame:
    """Compute the mean share of first places that were played.

    The result is one row: listeners, and live_precision_k per cutoff. A list shorter than the
    cutoff is judged by the cutoff, as precision always is.
    """
    played = (F.col("plays") > 0).cast("int")
    hits = [F.sum(F.when(F.col("rank") <= k, played)).alias(f"_{k}") for k in cutoffs]
    per_user = outcomes.groupBy("user_id").agg(*hits)
    return per_user.agg(
        F.count("*").alias("listeners"),
        *(
            F.avg(F.coalesce(F.col(f"_{k}"), F.lit(0)) / k).alias(f"live_precision_{k}")
            for k in cutoffs
        ),
    )
