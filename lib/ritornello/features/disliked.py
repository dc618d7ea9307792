"""Find the items that a listener dislikes."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.narrow import narrowed
from ritornello.features.states import PAIR
from ritornello.tables.contracts import DISLIKE


def disliked(events: DataFrame) -> DataFrame:
    """One row per (user_id, item_id) with a dislike that still holds.

    A later like or play takes a dislike back; a skip does not. At one instant the dislike counts.
    ``events`` has user_id, item_id, played_at and weight.
    """
    dislikes = (
        events.where(F.col("weight") <= DISLIKE)
        .groupBy(*PAIR)
        .agg(F.max("played_at").alias("_disliked_at"))
    )
    positive = narrowed(events.where(F.col("weight") > 0), dislikes, on=PAIR)
    taken_back = positive.join(dislikes, on=PAIR, how="inner").where(
        F.col("played_at") > F.col("_disliked_at")
    )
    return dislikes.join(taken_back.select(*PAIR), on=PAIR, how="left_anti").select(*PAIR)
