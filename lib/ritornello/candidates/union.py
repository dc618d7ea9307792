"""Proposals of all sources, one row per (listener, item)."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts import CANDIDATE_SOURCES


def union_of(sources: list[DataFrame]) -> DataFrame:
    """One row per proposed (listener, item), with every source's score and rank.

    Both are null where a source did not propose the item. ``is_repeat`` is true for what the
    listener's own history proposed: the other sources leave played items out.
    """
    proposals = reduce(DataFrame.unionByName, sources)
    columns = [
        column.alias(f"{source}_{name}")
        for source in CANDIDATE_SOURCES
        for name, column in (("score", _of(source, "score")), ("rank", _of(source, "rank")))
    ]
    return (
        proposals.groupBy("user_id", "item_id")
        .agg(*columns)
        .withColumn("is_repeat", F.col("own_history_rank").isNotNull())
    )


def _of(source: str, column: str) -> Column:
    return F.max(F.when(F.col("source") == source, F.col(column)))
