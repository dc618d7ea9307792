"""Expand recommended items to tracks that may be listed.

An artist gives its best tracks, by id.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.features.best import best_rows


def recommended(lists: DataFrame) -> DataFrame:
    """One row per recommended item of a listener.

    The columns are user_id, item_id, recommendation_score and source. An item is on the mixed list
    and on the list of its kind; its best score counts.
    """
    return lists.groupBy("user_id", "item_id").agg(
        F.max("score").alias("recommendation_score"), F.max_by("source", "score").alias("source")
    )


def best_tracks(weights: DataFrame, songs: DataFrame, *, limit: int) -> DataFrame:
    """One row per artist and best song: (artist_id, track_id).

    ``weights`` is (track_id, weight); ``songs`` is (track_id, artist_id, recording_id). A song
    weighs as much as all its versions together and is offered in its heaviest version. Equal
    weights go to the smaller track id; tracks of unknown artists are left out.
    """
    versions = songs.where(F.col("artist_id").isNotNull()).join(weights, "track_id", how="inner")
    of_song = Window.partitionBy("artist_id", "recording_id")
    heaviest_first = of_song.orderBy(F.desc("weight"), "track_id")
    offered = (
        versions.withColumn("_nth", F.row_number().over(heaviest_first))
        .withColumn("_all", F.sum("weight").over(of_song))
        .where(F.col("_nth") == 1)
    )
    best = best_rows(offered, of="artist_id", by="_all", tie="track_id", limit=limit)
    return best.select("artist_id", "track_id")


def best_tracks_with_fallback(
    by_plays: DataFrame, popularity: DataFrame, songs: DataFrame, *, limit: int
) -> DataFrame:
    """Add the source's most popular tracks for artists missing from ``by_plays``.

    The source's popularity knows the future, so use this only to reproduce the paper.
    """
    left_out = songs.join(by_plays.select("artist_id").distinct(), "artist_id", how="left_anti")
    return by_plays.unionByName(best_tracks(popularity, left_out, limit=limit))


def published_popularity(tracks: DataFrame, catalogue: DataFrame | None) -> DataFrame:
    """One row per track with the source's undated popularity: (track_id, weight).

    It knows the future. ``catalogue`` is (track_id, popularity) where an external catalogue is
    known; it takes precedence.
    """
    own = tracks.select("track_id", F.col("source_play_count").cast("double").alias("_own"))
    if catalogue is None:
        return own.select("track_id", F.coalesce("_own", F.lit(0.0)).alias("weight"))
    both = own.join(catalogue, "track_id", how="left")
    # counts and popularity have different scales: tracks the catalogue does not know come last
    last = F.coalesce("_own", F.lit(0.0)) / (F.coalesce("_own", F.lit(0.0)) + F.lit(1.0)) - 1
    return both.select("track_id", F.coalesce("popularity", last).alias("weight"))


def tracks_of_artists(recommended_artists: DataFrame, best: DataFrame) -> DataFrame:
    """One row per (user_id, track_id) with its artist's score and source.

    Artists are joined by their id.
    """
    artists = recommended_artists.withColumnRenamed("item_id", "artist_id")
    return artists.join(best, "artist_id", how="inner").drop("artist_id")
