"""Count plays of listeners and artists: popularity, volume and breadth."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def item_counts(pairs: DataFrame) -> DataFrame:
    """One row per item with its listeners, its plays and their logs.

    The columns are item_pop_users, item_pop_plays, log_item_pop_users, log_item_pop_plays and
    log_item_mean_plays.
    """
    counted = pairs.groupBy("item_id").agg(
        F.count("*").alias("item_pop_users"), F.sum("plays").alias("item_pop_plays")
    )
    return counted.withColumns(
        {
            "log_item_pop_users": F.log1p("item_pop_users"),
            "log_item_pop_plays": F.log1p("item_pop_plays"),
            "log_item_mean_plays": F.log(F.col("item_pop_plays") / F.col("item_pop_users")),
        }
    )


def listener_counts(pairs: DataFrame, items: DataFrame) -> DataFrame:
    """One row per listener with the volume and the breadth of the plays.

    The columns are user_seen_items, user_total_plays, user_mean_plays, user_breadth and
    user_mean_pop. Breadth is exp of the entropy of the plays. user_mean_pop is the mean
    log_item_pop_users of the listener's items: how mainstream the listener is.
    """
    known = pairs.join(items.select("item_id", "log_item_pop_users"), on="item_id", how="inner")
    plays = F.col("plays")
    return (
        known.groupBy("user_id")
        .agg(
            F.count("*").alias("user_seen_items"),
            F.sum("plays").alias("user_total_plays"),
            F.avg("plays").alias("user_mean_plays"),
            F.sum(plays * F.log(plays)).alias("_n_log_n"),
            F.avg("log_item_pop_users").alias("user_mean_pop"),
        )
        .withColumn(
            "user_breadth",
            F.exp(F.log("user_total_plays") - F.col("_n_log_n") / F.col("user_total_plays")),
        )
        .drop("_n_log_n")
    )
