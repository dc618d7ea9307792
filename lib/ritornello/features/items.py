"""Items as of an instant: those that somebody has played before it."""

import math
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import DECAYED
from ritornello.features.narrow import in_or_out
from ritornello.features.states import decayed_to

COUNTED = ("users", "repeaters", "plays", *DECAYED)


def item_stats(pairs: DataFrame) -> DataFrame:
    """One row per item of a ``pair_history`` slice: popularity, repeat rate, age, trend."""
    counts = pairs.groupBy("item_id").agg(
        F.count("*").alias("users"),
        F.sum((F.col("plays") > 1).cast("long")).alias("repeaters"),
        F.sum("plays").alias("plays"),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
        *(F.sum(name).alias(name) for name in DECAYED),
    )
    return _with_rates(counts)


def item_stats_forward(earlier: DataFrame, changes: DataFrame, *, as_of: datetime) -> DataFrame:
    """Update ``item_stats`` of an earlier instant with the plays since.

    ``earlier`` has ``valued_at``. ``changes`` comes from ``pair_changes`` and is read twice. Only
    items that may occur in ``changes`` are shuffled.
    """
    columns = ("item_id", *COUNTED, "first_played_at", "last_played_at")
    before = earlier.withColumns(decayed_to(instant(as_of))).select(*columns)
    more = changes.groupBy("item_id").agg(
        F.sum((F.col("plays_before") == 0).cast("long")).alias("users"),
        F.sum(_is_repeated().cast("long")).alias("repeaters"),
        F.sum("plays").alias("plays"),
        F.min("first_played_at").alias("first_played_at"),
        F.max("last_played_at").alias("last_played_at"),
        *(F.sum(name).alias(name) for name in DECAYED),
    )
    touched, untouched = in_or_out(before, changes, on=["item_id"])
    joined = (
        touched.unionByName(more.select(*columns))
        .groupBy("item_id")
        .agg(
            *(F.sum(name).alias(name) for name in COUNTED),
            F.min("first_played_at").alias("first_played_at"),
            F.max("last_played_at").alias("last_played_at"),
        )
    )
    return _with_rates(joined.select(*columns).unionByName(untouched))


def popular_items(items: DataFrame, *, by: str, depth: int) -> DataFrame:
    """Collect the ids of the best ``depth`` items into one row.

    The row's column ``popular`` is ordered by the column ``by``, best first. Equal values go to the
    smaller item id. It is bounded, whatever the catalogue's size.
    """
    best = (
        items.orderBy(F.desc(by), "item_id").limit(depth).select(F.col(by).alias("_by"), "item_id")
    )
    ordered = F.sort_array(F.collect_list(F.struct(-F.col("_by"), "item_id")))
    return best.agg(ordered["item_id"].alias("popular"))


def _is_repeated() -> Column:
    """Return whether the pair's second play is among the new ones."""
    return (F.col("plays_before") < 2) & (F.col("plays_before") + F.col("plays") > 1)


def _with_rates(counts: DataFrame) -> DataFrame:
    return counts.withColumn(
        "repeat_rate", F.lit(1.0) - F.col("users") / F.col("plays")
    ).withColumn("trend", F.log((_pace(7) + 1) / (_pace(60) + 1)))


def _pace(half_life_days: int) -> Column:
    """Return plays per day of a steady player with this decayed count."""
    return F.col(f"decayed_{half_life_days}d") * F.lit(math.log(2) / half_life_days)
