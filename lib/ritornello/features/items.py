"""Items as of an instant: the catalogue is what somebody has played before it."""

import math

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.decay import DECAYED


def item_stats(pairs: DataFrame) -> DataFrame:
    """One item of a ``pair_history`` slice: its popularity, repeat rate, age and trend."""
    return (
        pairs.groupBy("item_id")
        .agg(
            F.count("*").alias("users"),
            F.sum((F.col("plays") > 1).cast("long")).alias("repeaters"),
            F.sum("plays").alias("plays"),
            F.min("first_played_at").alias("first_played_at"),
            F.max("last_played_at").alias("last_played_at"),
            *(F.sum(name).alias(name) for name in DECAYED),
        )
        .withColumn("repeat_rate", F.lit(1.0) - F.col("users") / F.col("plays"))
        .withColumn("trend", F.log((_pace(7) + 1) / (_pace(60) + 1)))
    )


def _pace(half_life_days: int) -> Column:
    """Plays a day, as a steady player with this decayed count would have them."""
    return F.col(f"decayed_{half_life_days}d") * F.lit(math.log(2) / half_life_days)
