"""Changes that newly arrived plays make to their pairs."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import decay_sums
from ritornello.features.narrow import narrowed
from ritornello.features.states import PAIR


def pair_changes(added: DataFrame, counted: DataFrame, *, as_of: datetime) -> DataFrame:
    """One row per (listener, item) with new plays, and ``plays_before`` them.

    ``added`` holds the new plays. ``counted`` holds ``plays`` of pairs, in any number of rows per
    pair, which together are all its plays before ``as_of``, the new ones included. ``plays``, first
    and last play and the decayed sums (valued at ``as_of``) count the new plays only.
    """
    new = added.groupBy(*PAIR).agg(
        F.count("*").alias("plays"),
        F.min("played_at").alias("first_played_at"),
        F.max("played_at").alias("last_played_at"),
        *decay_sums(F.col("played_at"), instant(as_of)),
    )
    totals = (
        narrowed(counted, added, on=PAIR).groupBy(*PAIR).agg(F.sum("plays").alias("_all_plays"))
    )
    return (
        new.join(totals, on=PAIR, how="inner")
        .withColumn("plays_before", F.col("_all_plays") - F.col("plays"))
        .drop("_all_plays")
    )
