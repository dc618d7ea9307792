"""Exposure of the catalogue by a method's lists: coverage and Gini."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

LISTS_OF = ["method", "k"]


def exposure(places: DataFrame, known: DataFrame, *, of: str) -> DataFrame:
    """One row per (method, k): coverage and Gini of items or artists.

    ``of`` is the column of their ids. Coverage is the share of the catalogue's items (or artists)
    that are in some list. Gini runs over the number of places of each of them in the whole
    catalogue, 0 for those in no list. It is 0 where all have the same number of places, (n - 1) / n
    where one of n has them all. Items outside the catalogue do not count. Source: Gini = sum over
    items in ascending order of (2 i - n - 1) x_i / (n sum x).
    """
    catalogue = known.where(F.col(of).isNotNull())
    size = catalogue.agg(F.count_distinct(of).alias("_n"))
    counted = (
        places.where(F.col("popularity").isNotNull() & F.col(of).isNotNull())
        .groupBy(*LISTS_OF, of)
        .agg(F.count("*").alias("_x"))
        .groupBy(*LISTS_OF, "_x")
        .agg(F.count("*").cast("double").alias("_c"))
    )
    return _summed(counted.crossJoin(F.broadcast(size)))


def _summed(counted: DataFrame) -> DataFrame:
    """Compute coverage and Gini from counts of places.

    A row stands for ``_c`` items (or artists) with ``_x`` places each, of ``_n`` in the catalogue.
    The running sum has a row per distinct number of places, far fewer than items or listeners.
    """
    lists = Window.partitionBy(*LISTS_OF)
    fewer = lists.orderBy("_x").rowsBetween(Window.unboundedPreceding, -1)
    unseen = F.col("_n") - F.sum("_c").over(lists)
    before = unseen + F.coalesce(F.sum("_c").over(fewer), F.lit(0.0))
    places = F.col("_x") * F.col("_c")
    return (
        counted.withColumn("_lift", places * (2 * before + F.col("_c") - F.col("_n")))
        .groupBy(*LISTS_OF, "_n")
        .agg(
            (F.sum("_c") / F.col("_n")).alias("coverage"),
            (F.sum("_lift") / (F.col("_n") * F.sum(places))).alias("gini"),
        )
        .drop("_n")
    )
