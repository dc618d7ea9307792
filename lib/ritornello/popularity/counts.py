"""How often a listener played an item: in a window, or with every play fading with its age.

Each function gives one row per (listener, played item): user_id, item_id, ``count`` (a double, above
0), last_played_at. They differ only in what one play counts.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import days_between, halved

POWER = 0.5
SECOND = 1.0 / 86_400


def window_counts(histories: DataFrame, *, length: int) -> DataFrame:
    """Plays among the listener's last ``length`` ones.

    ``histories`` holds them newest first; a listener with fewer plays is counted whole.
    """
    last = F.arrays_zip(
        F.slice("item_ids", 1, length).alias("item_id"),
        F.slice("played_at", 1, length).alias("at"),
    )
    plays = histories.select("user_id", F.explode(last).alias("play"))
    return _sums(plays.select("user_id", "play.item_id", F.col("play.at").alias("played_at")))


def all_counts(plays: DataFrame) -> DataFrame:
    """Every play counts one."""
    return _sums(plays)


def exponential_counts(plays: DataFrame, *, as_of: datetime, half_life_days: float) -> DataFrame:
    """A play counts 2^(-age / half-life); ages in seconds, the half-life in days."""
    age = days_between(F.col("played_at"), instant(as_of))
    return _sums(plays, halved(age, half_life_days))


def power_counts(plays: DataFrame, *, as_of: datetime, power: float = POWER) -> DataFrame:
    """A play counts age^-power, ages in days and not under a second.

    ln(count) is the base-level activation of ACT-R (Anderson and Schooler 1991), up to the constant
    that the unit of time adds; the ranking does not depend on it.
    """
    age = F.greatest(days_between(F.col("played_at"), instant(as_of)), F.lit(SECOND))
    return _sums(plays, F.pow(age, F.lit(-power)))


def activation(counts: DataFrame) -> DataFrame:
    """``power_counts`` with ``activation`` = ln(count), the base-level activation."""
    return counts.withColumn("activation", F.log("count"))


def _sums(plays: DataFrame, worth: Column | None = None) -> DataFrame:
    one = F.lit(1.0) if worth is None else worth
    return plays.groupBy("user_id", "item_id").agg(
        F.sum(one).alias("count"), F.max("played_at").alias("last_played_at")
    )
