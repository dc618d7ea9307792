"""Estimates for lists that were not shown, from places shown by chance.

A place that was shown with propensity p stands for 1/p such places (Horvitz and Thompson 1952, for
recommendations Swaminathan and Joachims 2015). This assumes that whether an item is played does not
depend on what stood beside it.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def off_policy_precision(
    outcomes: DataFrame, target: DataFrame, *, cutoffs: Sequence[int], name: str
) -> DataFrame:
    """Estimate the precision that the ``target`` lists would have had.

    The result is one row. ``<name>_precision_k``: the mean over listeners of the places of the
    target that were shown and played, each counted 1/p, divided by k. It is unbiased if all of the
    target could have been shown. ``<name>_error_k``: its standard error. ``<name>_support_k``: the
    share of the target's places that could have been shown, estimated likewise. Precision divided
    by support is the precision of these places alone. ``outcomes`` are rows of `outcomes` (no
    propensity counts as 1), ``target`` has (user_id, item_id, rank).
    """
    listed = target.select("user_id", "item_id", F.col("rank").alias("_place"))
    weight = F.lit(1.0) / F.coalesce("propensity", F.lit(1.0))
    served = outcomes.join(listed.select("user_id").distinct(), "user_id", "left_semi")
    judged = served.join(listed, ["user_id", "item_id"], "left").withColumn("_weight", weight)
    played = F.when(F.col("plays") > 0, F.col("_weight")).otherwise(0.0)
    sums = {
        f"_{what}_{k}": _sum_to(column, k) / k
        for k in cutoffs
        for what, column in (("hits", played), ("shown", F.col("_weight")))
    }
    per_user = judged.groupBy("user_id").agg(*(one.alias(n) for n, one in sums.items()))
    return per_user.agg(
        *(
            estimate.alias(f"{name}_{measure}_{k}")
            for k in cutoffs
            for measure, estimate in (
                ("precision", F.avg(f"_hits_{k}")),
                ("error", F.stddev_samp(f"_hits_{k}") / F.sqrt(F.count("*"))),
                ("support", F.avg(f"_shown_{k}")),
            )
        )
    )


def _sum_to(column: Column, place: int) -> Column:
    return F.sum(F.when(F.col("_place") <= place, column).otherwise(0.0))
