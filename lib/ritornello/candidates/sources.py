"""One function per candidate source.

Each returns (user_id, item_id, source, score, rank), with ranks from 1.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.features.best import best_rows

PROPOSAL = ("user_id", "item_id", "source", "score", "rank")


def best_per_user(scored: DataFrame, *, source: str, limit: int) -> DataFrame:
    """Keep each listener's best ``limit`` rows by score.

    Equal scores go to the smaller item id.
    """
    best = best_rows(scored, of="user_id", by="score", tie="item_id", limit=limit)
    return best.select("user_id", "item_id", F.lit(source).alias("source"), "score", "rank")


def own_history(pairs: DataFrame, *, limit: int) -> DataFrame:
    """Propose the listener's own items by decayed plays.

    Plays decay with half-lives of a month and of a year. The month decides. The year lets an old
    favourite rank above what was heard once last spring.
    """
    score = F.col("decayed_30d") + F.lit(0.1) * F.col("decayed_365d")
    return best_per_user(
        pairs.select("user_id", "item_id", score.alias("score")), source="own_history", limit=limit
    )


def als(lists: DataFrame) -> DataFrame:
    """Propose the unplayed items of ``als_lists``, with their score and rank."""
    return lists.select(
        "user_id", F.posexplode(F.arrays_zip("new_items", "new_scores")).alias("_nth", "_item")
    ).select(
        "user_id",
        F.col("_item.new_items").alias("item_id"),
        F.lit("als").alias("source"),
        F.col("_item.new_scores").cast("double").alias("score"),
        (F.col("_nth") + 1).alias("rank"),
    )


def popular_items(items: DataFrame, *, by: str, depth: int) -> DataFrame:
    """Collect the ids of the best ``depth`` items into one row.

    The row's column ``popular`` is ordered by the column ``by``, best first. Equal values go to the
    smaller item id. It is bounded, whatever the catalogue's size.
    """
    best = (
        items.orderBy(F.desc(by), "item_id").limit(depth).select(F.col(by).alias("_by"), "item_id")
    )
    ordered = F.sort_array(F.collect_list(F.struct(-F.col("_by"), "item_id")))
    return best.agg(ordered["item_id"].alias("popular"))


def popular(pairs: DataFrame, items: DataFrame, *, limit: int, depth: int) -> DataFrame:
    """Propose unplayed items that were popular over the last month.

    A listener who knows all ``depth`` items gets none.
    """
    listed = popular_items(items, by="decayed_30d", depth=depth)
    known = pairs.groupBy("user_id").agg(F.collect_list("item_id").alias("_known"))
    unknown = F.slice(F.array_except("popular", "_known"), 1, limit)
    return (
        known.crossJoin(F.broadcast(listed))
        .select("user_id", F.posexplode(unknown).alias("_nth", "item_id"))
        .select("user_id", "item_id", F.lit("popular").alias("source"), _down("_nth"), _nth_rank())
    )


def _down(nth: str) -> Column:
    return (F.lit(1.0) / (F.col(nth) + 1)).alias("score")


def _nth_rank() -> Column:
    return (F.col("_nth") + 1).alias("rank")


def own_artists(
    pairs: DataFrame,
    items: DataFrame,
    artists: DataFrame,
    *,
    limit: int,
    artists_per_user: int,
    items_per_artist: int,
) -> DataFrame:
    """Propose unplayed items of the listener's own artists.

    Only items that somebody has played before are proposed. The score is the artist's share of the
    listener's decayed plays times ln(1 + the item's decayed plays). ``artists`` maps item_id to
    artist_id. ``items`` is the catalogue as of the instant.
    """
    own = best_artists(pairs, artists, limit=artists_per_user)
    offered = best_items_of_artists(items, artists, limit=items_per_artist)
    score = F.col("_share") * F.log1p(F.col("_weight"))
    scored = own.join(offered, on="artist_id", how="inner").select(
        "user_id", "item_id", score.alias("score")
    )
    unplayed = scored.join(
        pairs.select("user_id", "item_id"), on=["user_id", "item_id"], how="left_anti"
    )
    return best_per_user(unplayed, source="own_artists", limit=limit)


def best_artists(pairs: DataFrame, artists: DataFrame, *, limit: int) -> DataFrame:
    """Keep each listener's best artists by decayed plays.

    Columns: user_id, artist_id, _share (of the listener's decayed plays).
    """
    by_artist = (
        pairs.join(artists, on="item_id", how="inner")
        .groupBy("user_id", "artist_id")
        .agg(F.sum("decayed_60d").alias("_plays"))
    )
    of_user = Window.partitionBy("user_id")
    shares = by_artist.withColumn("_share", F.col("_plays") / F.sum("_plays").over(of_user))
    best = best_rows(shares, of="user_id", by="_plays", tie="artist_id", limit=limit)
    return best.select("user_id", "artist_id", "_share")


def best_items_of_artists(items: DataFrame, artists: DataFrame, *, limit: int) -> DataFrame:
    """Keep each artist's best items by decayed plays.

    Columns: artist_id, item_id, _weight.
    """
    offered = items.join(artists, on="item_id", how="inner").select(
        "artist_id", "item_id", F.col("decayed_60d").alias("_weight")
    )
    best = best_rows(offered, of="artist_id", by="_weight", tie="item_id", limit=limit)
    return best.drop("rank")
