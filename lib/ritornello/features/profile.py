"""Listeners as of an instant: volume, repeat rate, breadth, daily and weekly rhythm."""

from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import between, instant
from ritornello.features.decay import DECAYED, days_between, halved
from ritornello.features.rhythm import RHYTHM, rhythm, with_rhythm_counts, with_shares
from ritornello.features.states import decayed_to

ADDED = ("plays", "items", "plays_log_plays", *DECAYED, "decayed_items_30d")
VOLUME = (*ADDED, "first_played_at", "last_played_at")
NEW_ITEMS_DAYS = 30


def user_profile(
    pairs: DataFrame, plays: DataFrame, *, as_of: datetime, rhythm_days: int
) -> DataFrame:
    """One row per listener of a ``pair_history`` slice.

    The rhythm is that of the last ``rhythm_days``. Its shares are all zero for a listener without a
    play in those days.
    """
    recent = between(plays, as_of - timedelta(days=rhythm_days), as_of)
    volume = pairs.groupBy("user_id").agg(
        F.sum("plays").alias("plays"),
        F.count("*").alias("items"),
        F.sum(F.col("plays") * F.log("plays")).alias("plays_log_plays"),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
        *(F.sum(name).alias(name) for name in DECAYED),
        F.sum(_freshness(as_of)).alias("decayed_items_30d"),
    )
    return _with_rates(volume.join(rhythm(recent), on="user_id", how="left"))


def user_profile_forward(
    earlier: DataFrame, changes: DataFrame, played: DataFrame, *, as_of: datetime
) -> DataFrame:
    """Update ``user_profile`` of an earlier instant with the plays since.

    ``earlier`` has ``valued_at``. ``changes`` comes from ``pair_changes``. ``played`` holds the
    plays that entered the window of the rhythm (``sign`` 1) and those that left it (-1).
    """
    n, more = F.col("plays_before"), F.col("plays")
    is_new = n == 0
    since = changes.groupBy("user_id").agg(
        F.sum("plays").alias("plays"),
        F.sum(is_new.cast("long")).alias("items"),
        F.sum(_n_log_n(n + more) - _n_log_n(n)).alias("plays_log_plays"),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
        *(F.sum(name).alias(name) for name in DECAYED),
        F.sum(F.when(is_new, _freshness(as_of)).otherwise(0.0)).alias("decayed_items_30d"),
    )
    before = with_rhythm_counts(_revalued(earlier, as_of)).select("user_id", *VOLUME, *RHYTHM)
    parts = before.unionByName(since, allowMissingColumns=True).unionByName(
        rhythm(played), allowMissingColumns=True
    )
    return _with_rates(
        parts.groupBy("user_id").agg(
            *(F.sum(name).alias(name) for name in (*ADDED, *RHYTHM)),
            F.min("first_played_at").alias("first_played_at"),
            F.max("last_played_at").alias("last_played_at"),
        )
    )


def _with_rates(counts: DataFrame) -> DataFrame:
    """Add shares, repeat rate and breadth to the counts."""
    return (
        counts.transform(with_shares)
        .withColumn("repeat_rate", F.lit(1.0) - F.col("items") / F.col("plays"))
        .withColumn("breadth", F.exp(F.log("plays") - F.col("plays_log_plays") / F.col("plays")))
    )


def _revalued(profile: DataFrame, as_of: datetime) -> DataFrame:
    age = days_between(F.col("valued_at"), instant(as_of))
    items = F.col("decayed_items_30d") * halved(age, NEW_ITEMS_DAYS)
    return profile.withColumns({**decayed_to(instant(as_of)), "decayed_items_30d": items})


def _freshness(as_of: datetime) -> Column:
    """Return what is left of a pair's novelty."""
    return halved(days_between(F.col("first_played_at"), instant(as_of)), NEW_ITEMS_DAYS)


def _n_log_n(n: Column) -> Column:
    return F.when(n > 0, n * F.log(n)).otherwise(0.0)
