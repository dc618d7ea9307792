"""Play counts per listener and item, within a window or decayed by age.

Each function gives one row per (listener, played item): user_id, item_id, ``count`` (a double,
above 0), last_played_at. They differ only in how much one play counts.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import days_between, halved

POWER = 0.5
SECOND = 1.0 / 86_400


def window_counts(histories: DataFrame, *, length: int) -> DataFrame:
    """Count plays among the listener's last ``length`` ones.

    ``histories`` holds them newest first. For a listener with fewer plays, all of them count.
    """
    last = F.arrays_zip(
        F.slice("item_ids", 1, length).alias("item_id"),
        F.slice("played_at", 1, length).alias("at"),
    )
    plays = histories.select("user_id", F.explode(last).alias("play"))
    return _sums(plays.select("user_id", "play.item_id", F.col("play.at").alias("played_at")))


def all_counts(plays: DataFrame) -> DataFrame:
    """Count every play as one."""
    return _sums(plays)


def exponential_counts(plays: DataFrame, *, as_of: datetime, half_life_days: float) -> DataFrame:
    """Count a play as 2^(-age / half-life).

    Ages are exact to fractions of a second. The half-life is in days.
    """
    age = days_between(F.col("played_at"), instant(as_of))
    return _sums(plays, halved(age, half_life_days))


def power_counts(plays: DataFrame, *, as_of: datetime, power: float = POWER) -> DataFrame:
    """Count a play as age^-power.

    Ages are in days, and at least one second. ln(count) is the base-level activation of ACT-R
    (Anderson and Schooler 1991), up to the constant that the unit of time adds. The ranking does
    not depend on it.
    """
    age = F.greatest(days_between(F.col("played_at"), instant(as_of)), F.lit(SECOND))
    return _sums(plays, F.pow(age, F.lit(-power)))


def activation(counts: DataFrame) -> DataFrame:
    """Add ``activation`` = ln(count), the base-level activation, to ``power_counts``."""
    return counts.withColumn("activation", F.log("count"))


def _sums(plays: DataFrame, worth: Column | None = None) -> DataFrame:
    one = F.lit(1.0) if worth is None else worth
    return plays.groupBy("user_id", "item_id").agg(
        F.sum(one).alias("count"), F.max("played_at").alias("last_played_at")
    )
