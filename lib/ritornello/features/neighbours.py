"""Items that go together: cosines over the listeners who have both."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.best import best_rows


def strongest_pairs(pairs: DataFrame, *, by: str, per_user: int) -> DataFrame:
    """Keep each listener's best ``per_user`` pairs by a column, as ``weight``.

    Only values above 0 count. Ties go to the smaller item id.
    """
    counted = pairs.where(F.col(by) > 0)
    best = best_rows(counted, of="user_id", by=by, tie="item_id", limit=per_user)
    return best.select("user_id", "item_id", F.col(by).alias("weight"))


def cosine_neighbours(own: DataFrame, *, nearest: int, shrink: float = 0.0) -> DataFrame:
    """One row per (item, neighbour), with their ``similarity``.

    Each item keeps its best ``nearest`` neighbours by shrunk cosine: cosine * n / (n + shrink), n
    the number of listeners who have both, at least two. Ties go to the smaller neighbour id.
    ``own`` holds the items' vectors over listeners (user_id, item_id, weight). It is already
    bounded per listener (``strongest_pairs``), so the join is bounded too.
    """
    square = F.sum(F.col("weight") * F.col("weight"))
    sizes = own.groupBy("item_id").agg(F.sqrt(square).alias("size"), F.count("*").alias("_have"))
    shared = own.join(sizes.where("_have >= 2").drop("_have"), on="item_id", how="inner")
    other = shared.select(
        "user_id",
        F.col("item_id").alias("other_id"),
        F.col("size").alias("other_size"),
        F.col("weight").alias("other_weight"),
    )
    together = (
        shared.join(other, on="user_id", how="inner")
        .where(F.col("item_id") < F.col("other_id"))  # half the work: a cosine has no direction
        .groupBy("item_id", "other_id")
        .agg(
            F.sum(F.col("weight") * F.col("other_weight")).alias("dot"),
            F.count("*").alias("both"),
            F.first("size").alias("size"),
            F.first("other_size").alias("other_size"),
        )
        .where(F.col("both") >= 2)
    )
    cosine = F.col("dot") / (F.col("size") * F.col("other_size"))
    similarity = cosine * F.col("both") / (F.col("both") + F.lit(shrink))
    names = ("item_id", "other_id")
    both_ways = (
        F.struct(*(F.col(one).alias(name) for one, name in zip(way, names, strict=True)))
        for way in (names, names[::-1])
    )
    scored = together.select(F.inline(F.array(*both_ways)), similarity.alias("similarity"))
    best = best_rows(scored, of="item_id", by="similarity", tie="other_id", limit=nearest)
    return best.drop("rank")


def item_neighbours(pairs: DataFrame, *, per_user: int, nearest: int, shrink: float) -> DataFrame:
    """Compute ``cosine_neighbours`` of a ``pair_history`` slice.

    The vectors hold a 1 for each of a listener's strongest items (``decayed_365d``).
    """
    own = strongest_pairs(pairs, by="decayed_365d", per_user=per_user)
    return cosine_neighbours(own.withColumn("weight", F.lit(1.0)), nearest=nearest, shrink=shrink)


def spread(
    seeds: DataFrame, neighbours: DataFrame, *, weights: Sequence[str], per_user: int
) -> DataFrame:
    """One row per (listener, item), with weights spread by similarity.

    For each of ``weights`` there is a column of that name: the sum over the listener's items of
    weight times similarity. Items that are no neighbour of these have no row. ``seeds`` has
    user_id, item_id and the weights. Each listener keeps the best ``per_user`` items by the first
    weight.
    """
    sums = [F.sum(F.col(name) * F.col("similarity")).alias(name) for name in weights]
    scored = (
        seeds.join(neighbours, on="item_id", how="inner").groupBy("user_id", "other_id").agg(*sums)
    )
    best = best_rows(scored, of="user_id", by=weights[0], tie="other_id", limit=per_user)
    return best.select("user_id", F.col("other_id").alias("item_id"), *weights)
