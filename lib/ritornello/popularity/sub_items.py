"""Sub-item popularity: plays counted on the parts that items share, so that unplayed ones earn credit.

A part is an artist, a genre, an era, a domain, a cluster of ALS factors: anything a catalogue says of
an item. An item of several parts shares its plays among them equally, and an item's credit is the
mean over its parts of the listener's smoothed popularity of the part.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.popularity.scores import EPS, smoothed, totals


def parts_of(tracks: DataFrame, column: str) -> DataFrame:
    """(item_id, part) of a column of the catalogue, an array or not; items without a part stay out.

    Parts of different columns never meet: each bears its column's name.
    """
    is_list = tracks.schema[column].dataType.typeName() == "array"
    values = F.explode(column) if is_list else F.col(column)
    named = tracks.select("item_id", values.alias("_value"))
    return named.where(F.col("_value").isNotNull()).select(
        "item_id", F.concat(F.lit(f"{column}="), F.col("_value").cast("string")).alias("part")
    )


def clusters_of(item_factors: DataFrame, *, codes: int, dimensions: int = 4) -> DataFrame:
    """(item_id, part): the item's ALS factors cut into blocks, each block coded by its largest sign.

    A sign code of ``dimensions`` factors is one of 2^dimensions parts; ``codes`` such blocks are made,
    so items that ALS holds for alike share most of their parts. Needs no clustering run of its own.
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
    """One (listener, part): the listener's counts of its items, each shared among its parts."""
    sizes = parts.groupBy("item_id").agg(F.count("*").alias("_parts"))
    shared = counts.join(parts.join(sizes, on="item_id"), on="item_id", how="inner")
    return shared.groupBy("user_id", "part").agg(
        F.sum(F.col("count") / F.col("_parts")).alias("count")
    )


def credits(
    asked: DataFrame, counts: DataFrame, parts: DataFrame, *, eps: float = EPS
) -> DataFrame:
    """``asked`` (user_id, item_id) with ``credit``: ln of the mean smoothed popularity of its parts.

    Relative to a part the listener never met: 0 for an item of unknown or unmet parts. The number of
    parts stands in the place of the number of items.
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
        asked.join(parts, on="item_id", how="left")
        .join(known, on=["user_id", "part"], how="left")
        .groupBy("user_id", "item_id")
        .agg(F.log(F.avg(F.coalesce("_lift", F.lit(1.0)))).alias("credit"))
    )
    return lifted
