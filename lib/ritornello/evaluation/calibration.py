"""Match of a list's genres with the listener's own mixture."""

import math

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

ALPHA = 0.01
LIST = ["user_id", "method", "k"]


def miscalibration(
    places: DataFrame, pairs: DataFrame, known: DataFrame, *, alpha: float = ALPHA
) -> DataFrame:
    """One row per (listener, method, k): the list's divergence from the history.

    ``miscalibration`` is the Kullback-Leibler divergence C_KL = sum over genres of p ln(p / q'),
    with q' = (1 - alpha) q + alpha p. p is the listener's share of plays, q the list's share of
    places, each item split evenly over its genres. It runs from 0 (the same mixture) to ln(1 /
    alpha) (no genre in common), in nats. Items without a genre are left out. A list or a history
    without any has no row. Source: Steck 2018, equations 2, 3, 6 and 7.
    """
    genres = known.where(F.size("genre_ids") > 0).select(
        "item_id",
        F.explode(F.array_distinct("genre_ids")).alias("genre_id"),
        (1 / F.size(F.array_distinct("genre_ids"))).alias("_part"),
    )
    plays = pairs.select("user_id", "item_id", F.col("plays").alias("_weight")).join(
        places.select("user_id").distinct(), on="user_id", how="left_semi"
    )
    contents = places.select(*LIST, "item_id", F.lit(1).alias("_weight"))
    own = _mixture(plays, genres, of=["user_id"], share="_p")
    listed = _mixture(contents, genres, of=LIST, share="_q").join(
        own.select("user_id").distinct(), on="user_id", how="left_semi"
    )
    return _divergence(listed.join(own, on=["user_id", "genre_id"], how="left"), alpha)


def _mixture(weighed: DataFrame, genres: DataFrame, *, of: list[str], share: str) -> DataFrame:
    """One row per (``of``, genre): the genre's share of the weights.

    The share is in the column named by ``share``.
    """
    by_genre = (
        weighed.join(genres, on="item_id", how="inner")
        .groupBy(*of, "genre_id")
        .agg(F.sum(F.col("_weight") * F.col("_part")).alias("_sum"))
    )
    part = F.col("_sum") / F.sum("_sum").over(Window.partitionBy(*of))
    return by_genre.select(*of, "genre_id", part.alias(share))


def _divergence(mixtures: DataFrame, alpha: float) -> DataFrame:
    """Compute C_KL from the genres of each list.

    ``_p`` is null where the history lacks the genre. A genre of the history that the list lacks has
    q' = alpha p and adds p ln(1 / alpha). So the sum starts at ln(1 / alpha), as if the list lacked
    them all, and is corrected for those it has.
    """
    p, q = F.col("_p"), F.col("_q")
    lacking = math.log(1 / alpha)
    put_right = p * (F.log(p / ((1 - alpha) * q + alpha * p)) - lacking)
    total = F.lit(lacking) + F.sum(F.coalesce(put_right, F.lit(0.0)))
    return mixtures.groupBy(*LIST).agg(F.greatest(total, F.lit(0.0)).alias("miscalibration"))
