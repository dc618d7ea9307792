"""Lists laid out place by place, with the traits of each item.

Traits are as of the lists' instant.
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def item_traits(tracks: DataFrame, *, item_kind: str) -> DataFrame:
    """One row per item: item_id, artist_id, genre_ids.

    An artist has the genres of all its tracks.
    """
    if item_kind == "track":
        return tracks.select(F.col("track_id").alias("item_id"), "artist_id", "genre_ids")
    genres = F.array_distinct(F.flatten(F.collect_list("genre_ids"))).alias("genre_ids")
    artists = tracks.where(F.col("artist_id").isNotNull()).groupBy("artist_id").agg(genres)
    return artists.select(F.col("artist_id").alias("item_id"), "artist_id", "genre_ids")


def known_items(items: DataFrame, pairs: DataFrame, traits: DataFrame | None = None) -> DataFrame:
    """One row per catalogue item as of an instant, with popularity and traits.

    Columns: item_id, popularity (share of all listeners of ``pairs`` who have played it),
    artist_id, genre_ids. The last two are null where ``traits`` does not have them.
    """
    listeners = pairs.agg(F.count_distinct("user_id").alias("_listeners"))
    popularity = F.col("users") / F.col("_listeners")
    known = items.crossJoin(F.broadcast(listeners)).select(
        "item_id", popularity.alias("popularity")
    )
    if traits is None:
        return known.select(
            "*",
            F.lit(None).cast("int").alias("artist_id"),
            F.lit(None).cast("array<bigint>").alias("genre_ids"),
        )
    return known.join(traits.select("item_id", "artist_id", "genre_ids"), on="item_id", how="left")


def places(
    lists: DataFrame, pairs: DataFrame, known: DataFrame, *, cutoffs: Sequence[int]
) -> DataFrame:
    """One row per (listener, method, k, place) of the mixed lists.

    Places are the ranks from 1 to k. Columns: user_id, method, k, rank, item_id, is_repeat (played
    before by this listener), popularity, artist_id, genre_ids. Empty and missing lists have no
    place. An item outside the catalogue has neither popularity nor traits. Callers read it several
    times, so they should cache it.
    """
    listed = lists.select(
        "user_id",
        "method",
        F.posexplode(F.slice("mixed", 1, max(cutoffs))).alias("_from_zero", "item_id"),
    )
    played = pairs.select("user_id", "item_id", F.lit(True).alias("_played"))
    judged = listed.join(played, on=["user_id", "item_id"], how="left").join(
        known, on="item_id", how="left"
    )
    reaching = F.filter(F.array(*map(F.lit, cutoffs)), lambda k: k > F.col("_from_zero"))
    return judged.select(
        "user_id",
        "method",
        F.explode(reaching).alias("k"),
        (F.col("_from_zero") + 1).alias("rank"),
        "item_id",
        F.coalesce("_played", F.lit(False)).alias("is_repeat"),
        "popularity",
        "artist_id",
        "genre_ids",
    )
