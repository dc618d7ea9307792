"""The best rows of each user, item or artist: the one place that says how ties fall."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def best_rows(rows: DataFrame, *, of: str, by: str, tie: str, limit: int | Column) -> DataFrame:
    """The best ``limit`` rows of each ``of`` by the column ``by``, with their ``rank`` from 1.

    Equal values go to the smaller ``tie``. A ``limit`` that is a column is the same for all of an ``of``.
    """
    best_first = Window.partitionBy(of).orderBy(F.desc(by), tie)
    ranked = rows.withColumn("rank", F.row_number().over(best_first))
    return ranked.where(F.col("rank") <= limit)
