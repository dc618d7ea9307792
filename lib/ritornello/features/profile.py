"""Listeners as of an instant: volume, repeat rate, breadth, and the rhythm of day and week."""

from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.decay import DECAYED, days_between, halved, instant
from ritornello.features.history import between


def user_profile(
    pairs: DataFrame, plays: DataFrame, *, as_of: datetime, rhythm_days: int
) -> DataFrame:
    """One listener of a ``pair_history`` slice; the rhythm is read from the last ``rhythm_days``.

    Shares of a listener without a play in those days are all zero.
    """
    recent = between(plays, as_of - timedelta(days=rhythm_days), as_of)
    known_for = days_between(F.col("first_played_at"), instant(as_of))
    volume = pairs.groupBy("user_id").agg(
        F.sum("plays").alias("plays"),
        F.count("*").alias("items"),
        F.sum(F.col("plays") * F.log("plays")).alias("_n_log_n"),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
        *(F.sum(name).alias(name) for name in DECAYED),
        F.sum(halved(known_for, 30)).alias("decayed_items_30d"),
    )
    return (
        volume.withColumn("repeat_rate", F.lit(1.0) - F.col("items") / F.col("plays"))
        .withColumn("breadth", F.exp(F.log("plays") - F.col("_n_log_n") / F.col("plays")))
        .drop("_n_log_n")
        .join(rhythm(recent), on="user_id", how="left")
        .withColumn("hour_shares", F.coalesce("hour_shares", _zeros(24)))
        .withColumn("weekday_shares", F.coalesce("weekday_shares", _zeros(7)))
    )


def rhythm(plays: DataFrame) -> DataFrame:
    """One listener: shares of plays by hour of day (UTC) and by weekday (Monday first)."""
    hour, weekday = F.hour("played_at"), F.weekday("played_at")
    return plays.groupBy("user_id").agg(
        F.array(*(_share(hour == h) for h in range(24))).alias("hour_shares"),
        F.array(*(_share(weekday == d) for d in range(7))).alias("weekday_shares"),
    )


def _share(condition: Column) -> Column:
    return F.avg(condition.cast("double"))


def _zeros(length: int) -> Column:
    return F.array(*(F.lit(0.0) for _ in range(length)))
