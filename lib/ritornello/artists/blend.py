"""Blend the ranker's score with the ALS score.

Both scores are first put on one scale within the listener.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def scaled(column: str) -> Column:
    """Scale a column to [0, 1] within each listener.

    A constant column becomes 0.5 (formulas: B1.8).
    """
    of_user = Window.partitionBy("user_id")
    low, high = F.min(column).over(of_user), F.max(column).over(of_user)
    return F.when(high > low, (F.col(column) - low) / (high - low)).otherwise(F.lit(0.5))


def blended(scored: DataFrame, *, alphas: list[float], raw: bool = False) -> DataFrame:
    """One row per (listener, item, alpha) with the blended score.

    ``final`` = alpha * ranker + (1 - alpha) * als. ``scored`` has ranker_score and als_score.
    ``raw`` leaves both scores on their own scales, as published: a margin and a cosine, so that one
    of them decides the order.
    """
    both = {name: F.col(name) if raw else scaled(name) for name in ("ranker_score", "als_score")}
    on_scale = scored.withColumns({f"_{name}": column for name, column in both.items()})
    alpha = F.explode(F.array(*(F.lit(float(a)) for a in alphas))).alias("alpha")
    final = F.col("alpha") * F.col("_ranker_score") + (1 - F.col("alpha")) * F.col("_als_score")
    return on_scale.select("*", alpha).select("user_id", "item_id", "alpha", final.alias("final"))


def best_lists(rows: DataFrame, *, by: str, keys: list[str], length: int) -> DataFrame:
    """One row per ``keys`` with ``items`` and ``scores``, best first.

    Equal scores go to the smaller item id.
    """
    order = F.struct((-F.col(by)).alias("_down"), "item_id")
    ordered = F.slice(F.sort_array(F.collect_list(order)), 1, length)
    lists = rows.groupBy(*keys).agg(ordered.alias("_best"))
    return lists.select(
        *keys,
        F.col("_best")["item_id"].alias("items"),
        F.transform("_best", lambda one: -one["_down"]).alias("scores"),
    )
