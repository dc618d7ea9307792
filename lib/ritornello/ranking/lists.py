"""Ranked lists: the best mixed, the best repeats, the best new items."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.tables.contracts import CANDIDATE_SOURCES


def ranked_lists(scored: DataFrame, *, length: int) -> DataFrame:
    """One row per place of a list.

    Columns: user_id, list, rank, item_id, score, source, last_played_at. Equal scores go to the
    smaller item id. The lists of repeats and of new items are cut after the restriction to their
    kind, so each holds ``length`` items if there are as many candidates.
    """
    of_kind = Window.partitionBy("user_id", "is_repeat").orderBy(F.desc("score"), "item_id")
    best = (
        scored.withColumn("source", _sources())
        .withColumn("_nth", F.row_number().over(of_kind))
        .where(F.col("_nth") <= length)
    )
    of_list = Window.partitionBy("user_id", "list").orderBy(F.desc("score"), "item_id")
    # each place goes to two lists in one pass: a union would score every candidate once per list
    lists = F.when(F.col("is_repeat"), F.array(F.lit("mixed"), F.lit("repeats"))).otherwise(
        F.array(F.lit("mixed"), F.lit("new"))
    )
    listed = best.withColumn("list", F.explode(lists))
    return (
        listed.withColumn("rank", F.row_number().over(of_list))
        .where(F.col("rank") <= length)
        .select("user_id", "list", "rank", "item_id", "score", "source", "last_played_at")
    )


def _sources() -> Column:
    return F.concat_ws(
        "+",
        *(F.when(F.col(f"{name}_rank").isNotNull(), F.lit(name)) for name in CANDIDATE_SOURCES),
    )
