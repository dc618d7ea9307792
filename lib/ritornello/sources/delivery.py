"""Events become a delivery in the project's own nested format (formulas A1).

All functions take the plays: the events without a reason.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.sources.entries import NOT_QUARANTINED

TEXT_LENGTH = 500
NAMES = ("track_name", "artist_name", "artist_id")
TIME_FORMAT = "yyyy-MM-dd HH:mm:ss 'UTC'"


def staged(events: DataFrame) -> DataFrame:
    """The events with ``text`` only where a person will want it: cut, and readable as UTF-8."""
    readable = F.decode(F.col("text").cast("binary"), "UTF-8")
    kept = F.when(F.col("reason").isNotNull(), F.substring(readable, 1, TEXT_LENGTH))
    return events.withColumn("text", kept)


def quarantine_of(events: DataFrame) -> DataFrame:
    """One entry that is no play: file, line, reason and the first 500 characters of its text."""
    out = F.col("reason").isNotNull() & ~F.col("reason").isin(*NOT_QUARANTINED)
    return events.where(out).select("file", "line", "reason", "text")


def listeners_of(plays: DataFrame) -> DataFrame:
    """One listener's key."""
    return plays.select(F.col("listener_key").alias("source_user_key")).distinct()


def tracks_of(plays: DataFrame) -> DataFrame:
    """One track with its key, the number of its plays and the names it has most often.

    Of names as frequent the first in the order of text. Skips and dislikes are no plays.
    """
    spelt = plays.groupBy("track_key", *NAMES).agg(
        F.count("*").alias("_entries"),
        F.count(F.when(F.col("weight") > 0, F.lit(1))).alias("_plays"),
    )
    best_first = F.struct((-F.col("_entries")).alias("_rarity"), *NAMES)
    return (
        spelt.groupBy("track_key")
        .agg(F.min(best_first).alias("_names"), F.sum("_plays").cast("int").alias("track_count"))
        .select("track_key", "track_count", *(f"_names.{name}" for name in NAMES))
    )


def with_artists(tracks: DataFrame, artists: DataFrame | None) -> DataFrame:
    """The tracks with the ``artist_id`` of a list of its own, if there is one."""
    if artists is None:
        return tracks
    return tracks.drop("artist_id").join(artists, on="track_key", how="left")


def as_tracks(numbered: DataFrame, *, has_artists: bool) -> DataFrame:
    """One row of ``tracks.parquet``; what the sources do not tell is null."""
    return numbered.select(
        F.col("track_key").alias("track_id"),
        "track_index",
        "track_count",
        F.lit(None).cast("string").alias("year_category"),
        F.lit(None).cast("string").alias("domain"),
        F.lit(None).cast("array<int>").alias("genre_id_list"),
        *(NAMES if has_artists else ()),
    )


def as_interactions(plays: DataFrame, *, listeners: DataFrame, tracks: DataFrame) -> DataFrame:
    """One row of ``interactions.parquet``: a listener with all plays in the order of time."""
    of_track = tracks.select(F.col("track_id").alias("track_key"), "track_index")
    of_listener = listeners.withColumnRenamed("source_user_key", "listener_key")
    joined = plays.join(of_track, on="track_key", how="inner").join(
        of_listener, on="listener_key", how="inner"
    )
    in_order = F.sort_array(F.collect_list(F.struct("played_at", "track_index", "weight")))
    return (
        joined.groupBy("character_index")
        .agg(in_order.alias("_plays"))
        .select(
            "character_index",
            F.transform("_plays", _element).alias("actions"),
            F.size("_plays").alias("size_of_actions"),
        )
        .sortWithinPartitions("character_index")
    )


def _element(play: Column) -> Column:
    return F.struct(
        play["track_index"].alias("track_index"),
        F.date_format(play["played_at"], TIME_FORMAT).alias("timestamp"),
        play["weight"].cast("int").alias("1"),
    )
