"""Compute features from friends' plays and from tags.

A listener's own tags on the scored artist never count.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.best import best_rows


def friends_listening(rated: DataFrame, friends: DataFrame) -> DataFrame:
    """One row per (listener, item) that a friend knows.

    friend_share is the share of friends who know the item, friend_rating the friends' mean rating.
    ``rated`` has user_id, item_id and rating of what may be known; a friend without the item counts
    as 0.
    """
    many = friends.groupBy("user_id").agg(F.count("*").alias("_friends"))
    theirs = rated.select(F.col("user_id").alias("friend_id"), "item_id", "rating")
    heard = friends.join(theirs, on="friend_id", how="inner").groupBy("user_id", "item_id")
    counted = heard.agg(F.count("*").alias("_having"), F.sum("rating").alias("_rating"))
    return counted.join(many, on="user_id", how="inner").select(
        "user_id",
        "item_id",
        (F.col("_having") / F.col("_friends")).alias("friend_share"),
        (F.col("_rating") / F.col("_friends")).alias("friend_rating"),
    )


def tag_weights(tags: DataFrame, *, per_item: int) -> DataFrame:
    """One row per (item, tag) with ``given``, ``idf`` and ``weight``.

    ``given`` counts the listeners who gave the tag, idf = ln(items with a tag / items with this
    tag), and weight = log1p(given) * idf. An item keeps its ``per_item`` best tags. ``tags`` has
    user_id, item_id and tag_id.
    """
    counts = tags.groupBy("item_id", "tag_id").agg(F.countDistinct("user_id").alias("given"))
    items = counts.agg(F.countDistinct("item_id").alias("_items"))
    known = counts.groupBy("tag_id").agg(F.count("*").alias("_df"))
    idf = F.log(F.col("_items") / F.col("_df"))
    joined = counts.join(known, on="tag_id", how="inner").crossJoin(F.broadcast(items))
    weighted = joined.select(
        "item_id",
        "tag_id",
        "given",
        idf.alias("idf"),
        (F.log1p("given") * idf).alias("weight"),
    )
    best = best_rows(weighted, of="item_id", by="weight", tie="tag_id", limit=per_item)
    return best.drop("rank")


def tag_profiles(rated: DataFrame, weights: DataFrame) -> DataFrame:
    """One row per (listener, tag) with ``liking``.

    A listener's likings are the tags of the known artists, summed by rating and scaled to length 1.
    """
    unit = F.col("weight") / F.col("_length")
    of_items = _with_length(weights, "item_id", "weight").withColumn("_unit", unit)
    sums = (
        rated.where(F.col("rating") > 0)
        .join(of_items, on="item_id", how="inner")
        .groupBy("user_id", "tag_id")
        .agg(F.sum(F.col("rating") * F.col("_unit")).alias("_sum"))
    )
    liking = (F.col("_sum") / F.col("_length")).alias("liking")
    return _with_length(sums, "user_id", "_sum").select("user_id", "tag_id", liking)


def _with_length(rows: DataFrame, key: str, column: str) -> DataFrame:
    """Add ``_length``, the root of the sum of squares per key.

    Keys of length 0 are dropped.
    """
    lengths = rows.groupBy(key).agg(F.sqrt(F.sum(F.col(column) * F.col(column))).alias("_length"))
    return rows.join(lengths.where(F.col("_length") > 0), on=key, how="inner")


def tag_similarities(
    candidates: DataFrame, profiles: DataFrame, weights: DataFrame, tags: DataFrame
) -> DataFrame:
    """One row per (listener, item) with ``tag_similarity``.

    It is the cosine of the listener's tags and the artist's. The listener's own tags on the artist
    are first taken off the artist: they exist because the listener played it, so they would leak
    the label (formulas: B3).
    """
    own = tags.select("user_id", "item_id", "tag_id").distinct().withColumn("_own", F.lit(1))
    joined = (
        candidates.select("user_id", "item_id")
        .join(weights, on="item_id", how="inner")
        .join(own, on=["user_id", "item_id", "tag_id"], how="left")
        .join(profiles, on=["user_id", "tag_id"], how="left")
        .withColumn("_weight", _without_own())
    )
    squares = F.sum(F.col("_weight") * F.col("_weight"))
    dot = F.sum(F.coalesce("liking", F.lit(0.0)) * F.col("_weight"))
    sums = joined.groupBy("user_id", "item_id").agg(dot.alias("_dot"), squares.alias("_squares"))
    cosine = F.when(F.col("_squares") > 0, F.col("_dot") / F.sqrt("_squares"))
    return sums.select("user_id", "item_id", cosine.alias("tag_similarity"))


def _without_own() -> Column:
    others = F.col("given") - F.coalesce("_own", F.lit(0))
    return F.log1p(others) * F.col("idf")
