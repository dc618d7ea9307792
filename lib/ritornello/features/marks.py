"""Count what listeners say of items besides playing them: skips, dislikes, likes."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.states import PAIR


@dataclass(frozen=True)
class Marks:
    """Skips and likes before an instant, by pair, item and listener.

    ``pairs``: user_id, item_id, skips, last_skipped_at, likes, last_liked_at (null: never).
    ``items``: item_id, skips. ``users``: user_id, skips.
    """

    pairs: DataFrame
    items: DataFrame
    users: DataFrame


def marks_of(events: DataFrame, *, of_pairs: DataFrame) -> Marks:
    """Count skips and likes.

    A skip has a weight below zero, a dislike included; a like has a weight above one. ``events`` has
    user_id, item_id, played_at and weight of all listeners, ``of_pairs`` those of the listeners whose
    pairs are wanted.
    """
    skip, like = F.col("weight") < 0, F.col("weight") > 1
    pairs = (
        of_pairs.where(skip | like)
        .groupBy(*PAIR)
        .agg(
            F.count(F.when(skip, 1)).alias("skips"),
            F.max(F.when(skip, F.col("played_at"))).alias("last_skipped_at"),
            F.count(F.when(like, 1)).alias("likes"),
            F.max(F.when(like, F.col("played_at"))).alias("last_liked_at"),
        )
    )
    skips = events.where(skip)
    items, users = (
        skips.groupBy(key).agg(F.count("*").alias("skips")) for key in ("item_id", "user_id")
    )
    return Marks(pairs, items, users)
