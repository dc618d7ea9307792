"""Sub-item popularity: plays counted on the parts that items share.

Unplayed items earn credit by their parts. A part is an artist, a genre, an era, a domain, a cluster
of ALS factors: anything a catalogue says of an item. An item of several parts shares its plays
among them equally, and an item's credit is the mean over its parts of the listener's smoothed
popularity of the part.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.popularity.scores import EPS, smoothed, totals


def parts_of(tracks: DataFrame, column: str) -> DataFrame:
    """One row per (item_id, part) of a catalogue column.

    The column may be an array. Items without a part have no row. Parts of different columns never
    mix, since each carries the name of its column.
    """
    is_list = tracks.schema[column].dataType.typeName() == "array"
    values = F.explode(column) if is_list else F.col(column)
    named = tracks.select("item_id", values.alias("_value"))
    return named.where(F.col("_value").isNotNull()).select(
        "item_id", F.concat(F.lit(f"{column}="), F.col("_value").cast("string")).alias("part")
    )


def clusters_of(item_factors: DataFrame, *, codes: int, dimensions: int = 4) -> DataFrame:
    """One row per (item_id, part), with parts from the ALS factors.

    The item's factors are cut into ``codes`` blocks of ``dimensions`` factors. Each block is coded
    by the signs of its factors, which gives one of 2^dimensions parts. Items with similar factors
    share most of their parts. No clustering run is needed.
    """
    blocks = []
    for block in range(codes):
        first = block * dimensions
        bits = [
            F.when(F.col("factors")[first + at] > 0, F.lit(1 << at)).otherwise(0)
            for at in range(dimensions)
        ]
        code = reduce(lambda a, b: a + b, bits)
        blocks.append(F.concat(F.lit(f"als{block}="), code.cast("string")))
    return item_factors.select("item_id", F.explode(F.array(*blocks)).alias("part"))


def part_counts(counts: DataFrame, parts: DataFrame) -> DataFrame:
    """One row per (listener, part), with the summed ``count`` of its items.

    Each item's count is shared equally among its parts.
    """
    sizes = parts.groupBy("item_id").agg(F.count("*").alias("_parts"))
    shared = counts.join(parts.join(sizes, on="item_id"), on="item_id", how="inner")
    return shared.groupBy("user_id", "part").agg(
        F.sum(F.col("count") / F.col("_parts")).alias("count")
    )


def credits(
    pairs: DataFrame, counts: DataFrame, parts: DataFrame, *, eps: float = EPS
) -> DataFrame:
    """Add ``credit``: ln of the mean smoothed popularity of an item's parts.

    ``pairs`` has user_id and item_id. The popularity is relative to a part that the listener never
    met, so an item of unknown or unmet parts gets 0. The number of parts takes the place of the
    number of items.
    """
    of_parts = part_counts(counts, parts)
    number = parts.select("part").distinct().count()
    share = smoothed(F.col("count"), F.col("total"), number, eps)
    known = of_parts.join(totals(of_parts), on="user_id").select(
        "user_id",
        "part",
        (share / smoothed(F.lit(0.0), F.col("total"), number, eps)).alias("_lift"),
    )
    lifted = (
        pairs.join(parts, on="item_id", how="left")
        .join(known, on=["user_id", "part"], how="left")
        .groupBy("user_id", "item_id")
        .agg(F.log(F.avg(F.coalesce("_lift", F.lit(1.0)))).alias("credit"))
    )
    return lifted
