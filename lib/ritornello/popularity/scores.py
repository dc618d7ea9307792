"""Personalised popularity scores (PPS), with rows only for played items.

Source: personalised popularity in sequential recommendation (RecSys 2024, doi
10.1145/3640457.3691719). With c the listener's count of an item, S the sum of all counts, N the
number of items and eps > 0:

    raw             p = c / S
    smoothed        q = (c + eps) / (S + N eps)
    softmax logit   ln((c + eps) / M), M = the largest c + eps; added to the logits of a softmax model
    sigmoid logit   ln(q / (1 - q)); added to the logits of a sigmoid model
    bonus           the logit minus that of an unplayed item: 0 for those, so the ranking is the same

An unplayed item's values are the *floor* of its listener. Counts may be decayed: nothing here
requires whole numbers.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

EPS = 0.01


def softmax_bonus(count: Column, eps: float = EPS) -> Column:
    """Return ln(1 + c / eps), in nats.

    With eps .01, 1 play gives 4.62, 10 plays 6.91, no play 0.
    """
    return F.log1p(count / F.lit(eps))


def softmax_logit(count: Column, largest: Column, eps: float = EPS) -> Column:
    """Return ln((c + eps) / (largest c + eps)).

    It is 0 for the most played item and negative for all others.
    """
    return F.log((count + F.lit(eps)) / (largest + F.lit(eps)))


def smoothed(count: Column, total: Column, items: int, eps: float = EPS) -> Column:
    """Return (c + eps) / (S + N eps).

    It sums to 1 over all items, unplayed ones included.
    """
    return (count + F.lit(eps)) / (total + F.lit(items * eps))


def sigmoid_logit(count: Column, total: Column, items: int, eps: float = EPS) -> Column:
    """Return logit(q) in a form that does not cancel.

    The form is ln(c + eps) - ln(S - c + (N - 1) eps). It needs at least 2 items.
    """
    others = total - count + F.lit((items - 1) * eps)
    return F.log(count + F.lit(eps)) - F.log(others)


def sigmoid_bonus(count: Column, total: Column, items: int, eps: float = EPS) -> Column:
    """Return the sigmoid logit minus that of an unplayed item."""
    floor = sigmoid_logit(F.lit(0.0), total, items, eps)
    return sigmoid_logit(count, total, items, eps) - floor


def totals(counts: DataFrame) -> DataFrame:
    """One row per listener: the ``total`` and the ``largest`` of its counts."""
    return counts.groupBy("user_id").agg(
        F.sum("count").alias("total"), F.max("count").alias("largest")
    )


def popularity_scores(counts: DataFrame, *, items: int, eps: float = EPS) -> DataFrame:
    """One row per (listener, played item), with every form of its score.

    ``counts`` has user_id, item_id, count > 0. Columns added: raw, smoothed, softmax_logit,
    sigmoid_logit, softmax_bonus, sigmoid_bonus.
    """
    count, total = F.col("count"), F.col("total")
    return counts.join(totals(counts), on="user_id", how="inner").select(
        "user_id",
        "item_id",
        "count",
        (count / total).alias("raw"),
        smoothed(count, total, items, eps).alias("smoothed"),
        softmax_logit(count, F.col("largest"), eps).alias("softmax_logit"),
        sigmoid_logit(count, total, items, eps).alias("sigmoid_logit"),
        softmax_bonus(count, eps).alias("softmax_bonus"),
        sigmoid_bonus(count, total, items, eps).alias("sigmoid_bonus"),
    )


def floors(counts: DataFrame, *, items: int, eps: float = EPS) -> DataFrame:
    """One row per listener: the scores of every item it never played.

    So no row is needed per unplayed item.
    """
    nothing = F.lit(0.0)
    per_user = totals(counts)
    total, largest = F.col("total"), F.col("largest")
    return per_user.select(
        "user_id",
        nothing.alias("raw"),
        smoothed(nothing, total, items, eps).alias("smoothed"),
        softmax_logit(nothing, largest, eps).alias("softmax_logit"),
        sigmoid_logit(nothing, total, items, eps).alias("sigmoid_logit"),
    )
