"""Best rows of each user, item or artist, with one rule for ties."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def best_rows(rows: DataFrame, *, of: str, by: str, tie: str, limit: int | Column) -> DataFrame:
    """Keep the best ``limit`` rows per ``of``, with their ``rank`` from 1.

    Rows are ordered by the column ``by``, largest first. Equal values go to the smaller ``tie``. A
    ``limit`` that is a column has one value per ``of``.
    """
    best_first = Window.partitionBy(of).orderBy(F.desc(by), tie)
    ranked = rows.withColumn("rank", F.row_number().over(best_first))
    return ranked.where(F.col("rank") <= limit)
