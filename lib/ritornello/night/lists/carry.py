"""Carry lists over from the base of a short night.

A list is carried as it was ranked, less what has become ineligible: listeners without a play left,
items that nobody has played any more, and what may not be served since. All are rare, so only the
lists that are touched get new places.
"""

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.features.barred import BARRED
from ritornello.job import Context
from ritornello.night.state.base import Base
from ritornello.night.state.due import carried_rows
from ritornello.night.state.eligible import marked_rows
from ritornello.ranking.explore import with_explored


def carried_lists(context: Context, base: Base, due: DataFrame, *, as_of: datetime) -> DataFrame:
    """Carry rows of `recommendations` over, and draw the random places again.

    Whether a listener's lists are carried depends on what they played, and so on what they were shown.
    An old draw would be kept only for those who did not play, and its propensity would be wrong.
    """
    item = f"{context.settings.item_kind}_id"
    rows = carried_rows(context, "recommendations", base, due)
    rows = rows.where(F.col("list") != "explored").drop("propensity")
    rows = rows.join(_gone(context, "user_profile", "user_id", base, as_of), "user_id", "left_anti")
    rows = rows.withColumnRenamed(item, "item_id")
    gone = _gone(context, "item_stats", "item_id", base, as_of).withColumn("_gone", F.lit(True))
    marked = marked_rows(context, rows, as_of).join(F.broadcast(gone), "item_id", "left")
    lost = marked.where(F.col(BARRED) | F.col("_gone").isNotNull())
    rows = without_places(rows, lost)
    explored = with_explored(rows, as_of=as_of, settings=context.settings.exploration)
    return explored.withColumnRenamed("item_id", item)


def carried_als_lists(
    context: Context, base: Base, due: DataFrame, *, as_of: datetime
) -> DataFrame:
    """Carry rows of `als_lists`, without the listeners and items that have gone."""
    rows = carried_rows(context, "als_lists", base, due)
    rows = rows.join(_gone(context, "user_profile", "user_id", base, as_of), "user_id", "left_anti")
    gone = _gone(context, "item_stats", "item_id", base, as_of)
    if gone.isEmpty():
        return rows
    listed = F.broadcast(gone.agg(F.collect_list("item_id").alias("_gone")))
    kept = rows.crossJoin(listed)
    for kind in ("repeat", "new"):
        items, scores = f"{kind}_items", f"{kind}_scores"
        kept = kept.withColumn("_pairs", _known_pairs(items, scores)).withColumns(
            {items: F.col("_pairs")[items], scores: F.col("_pairs")[scores]}
        )
    return kept.drop("_gone", "_pairs")


def _known_pairs(items: str, scores: str) -> Column:
    """Zip items and scores, without the items in ``_gone``."""
    return F.filter(
        F.arrays_zip(items, scores), lambda pair: ~F.array_contains("_gone", pair[items])
    )


def _gone(context: Context, table: str, key: str, base: Base, as_of: datetime) -> DataFrame:
    """One row per ``key`` that the base has and tonight lacks."""
    before, now = (context.store.read(table, as_of=day).select(key) for day in (base.as_of, as_of))
    return before.join(now, key, "left_anti")


def without_places(
    rows: DataFrame, lost: DataFrame, *, of_list: Sequence[str] = ("user_id", "list")
) -> DataFrame:
    """Take places out of lists and number the places of these lists again.

    Both frames have the columns of ``of_list``, which say which list it is, and item_id.
    """
    place = [*of_list, "item_id"]
    lost = lost.select(*place).localCheckpoint()
    if lost.isEmpty():
        return rows
    touched = lost.select(*of_list).distinct()
    others = rows.join(touched, [*of_list], "left_anti")
    left = rows.join(touched, [*of_list], "left_semi").join(lost, place, "left_anti")
    nth = F.row_number().over(Window.partitionBy(*of_list).orderBy("rank"))
    return others.unionByName(left.withColumn("rank", nth).select(*others.columns))
