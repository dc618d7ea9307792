"""What lists that were not shown would have brought, from what was shown by chance.

A place that was shown with propensity p stands for 1/p such places (Horvitz and Thompson 1952; for
recommendations Swaminathan and Joachims 2015). It asks that whether an item is played does not hang
on what stood beside it.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def off_policy_precision(
    came: DataFrame, target: DataFrame, *, cutoffs: Sequence[int], name: str
) -> DataFrame:
    """One row: what the ``target`` lists' precision would have been, per cutoff k.

    ``<name>_precision_k``: the mean over listeners of the places of the target that were shown and
    played, each counted 1/p, by k: without bias where all of the target could have been shown.
    ``<name>_error_k``: its standard error. ``<name>_support_k``: the share of the target's places that
    could have been shown, estimated likewise; precision by support is that of these places alone.
    ``came`` are rows of `outcomes` (no propensity: 1), ``target`` has (user_id, item_id, rank).
    """
    listed = target.select("user_id", "item_id", F.col("rank").alias("_place"))
    weight = F.lit(1.0) / F.coalesce("propensity", F.lit(1.0))
    judged = came.join(listed, ["user_id", "item_id"], "left").withColumn("_weight", weight)
    played = F.when(F.col("plays") > 0, F.col("_weight")).otherwise(0.0)
    sums = {
        f"_{what}_{k}": _sum_to(column, k) / k
        for k in cutoffs
        for what, column in (("hits", played), ("shown", F.col("_weight")))
    }
    per_user = judged.groupBy("user_id").agg(*(one.alias(n) for n, one in sums.items()))
    return per_user.agg(
        *(
            told.alias(f"{name}_{measure}_{k}")
            for k in cutoffs
            for measure, told in (
                ("precision", F.avg(f"_hits_{k}")),
                ("error", F.stddev_samp(f"_hits_{k}") / F.sqrt(F.count("*"))),
                ("support", F.avg(f"_shown_{k}")),
            )
        )
    )


def _sum_to(column: Column, place: int) -> Column:
    return F.sum(F.when(F.col("_place") <= place, column).otherwise(0.0))
