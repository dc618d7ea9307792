"""Transitions between items: monthly sums of steps, and each item's best steps.

All weights of a month decay alike. ⊕ is their sum.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.best import best_rows
from ritornello.features.decay import days_between, halved
from ritornello.features.steps import STEP

SERVED = 100


def transition_sums(months: DataFrame, *, valued_at: datetime, half_life_days: float) -> DataFrame:
    """One row per (item, next item) over all months: weight, first and last user.

    The weight of a month, or of any sum valued at its ``as_of``, decays from there to
    ``valued_at``.
    """
    fading = halved(days_between(F.col("as_of"), instant(valued_at)), half_life_days)
    return months.groupBy(*STEP).agg(
        F.sum(F.col("weight") * fading).alias("weight"),
        F.min("first_user").alias("first_user"),
        F.max("last_user").alias("last_user"),
    )


def transitions(sums: DataFrame) -> DataFrame:
    """Keep the best 100 steps of each item.

    Columns: item_id, next_item_id, weight, rank (from 1). Steps of only one listener are left out.
    Ties go to the smaller next item.
    """
    of_two = sums.where(F.col("first_user") < F.col("last_user"))
    return best_steps(of_two.select(*STEP, "weight"), limit=SERVED)


def best_steps(rows: DataFrame, *, limit: int | Column) -> DataFrame:
    """Keep the best rows of each item, with their ``rank`` among ``rows``.

    Weights are compared as 32-bit floats, so that the order of summation has no effect.
    """
    compared = rows.withColumn("_by", F.col("weight").cast("float"))
    best = best_rows(compared, of="item_id", by="_by", tie="next_item_id", limit=limit)
    return best.drop("_by")
