"""The delivery in the project's own nested format, made from events (formulas A1).

``plays`` are the events without a reason.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

NAMES = ("track_name", "artist_name", "artist_id")
FACTS = ("recording_id", "duration_ms")
TIME_FORMAT = "yyyy-MM-dd HH:mm:ss 'UTC'"


def listeners_of(plays: DataFrame) -> DataFrame:
    """One row per listener with the key, ``source_user_key``."""
    return plays.select(F.col("listener_key").alias("source_user_key")).distinct()


def tracks_of(plays: DataFrame) -> DataFrame:
    """One row per track with its key, play count, most frequent names and facts.

    Of equally frequent names, the first in the order of text is taken, and so is the key of a
    recording. The length is the median of those that are known. Skips and dislikes are not plays.
    """
    spellings = plays.groupBy("track_key", *NAMES).agg(
        F.count("*").alias("_entries"),
        F.count(F.when(F.col("weight") > 0, F.lit(1))).alias("_plays"),
        F.min("recording_key").alias("_recording"),
        F.percentile_approx("duration_ms", 0.5).alias("_length"),
    )
    best_first = F.struct((-F.col("_entries")).alias("_rarity"), *NAMES)
    return (
        spellings.groupBy("track_key")
        .agg(
            F.min(best_first).alias("_names"),
            F.sum("_plays").cast("int").alias("track_count"),
            F.min("_recording").alias("recording_id"),
            F.percentile_approx("_length", 0.5).alias("duration_ms"),
        )
        .select("track_key", "track_count", *(f"_names.{name}" for name in NAMES), *FACTS)
    )


def with_artists(tracks: DataFrame, artists: DataFrame | None) -> DataFrame:
    """Take ``artist_id`` from a separate list of artists, if there is one."""
    if artists is None:
        return tracks
    return tracks.drop("artist_id").join(artists, on="track_key", how="left")


def as_tracks(numbered: DataFrame, *, has_artists: bool) -> DataFrame:
    """One row per track, with the columns of ``tracks.parquet``.

    Columns that the sources do not have are null.
    """
    return numbered.select(
        F.col("track_key").alias("track_id"),
        "track_index",
        "track_count",
        F.lit(None).cast("string").alias("year_category"),
        F.lit(None).cast("string").alias("domain"),
        F.lit(None).cast("array<int>").alias("genre_id_list"),
        *(NAMES if has_artists else ()),
        *FACTS,
    )


def as_interactions(plays: DataFrame, *, listeners: DataFrame, tracks: DataFrame) -> DataFrame:
    """One row per listener, with the columns of ``interactions.parquet``.

    ``actions`` has all plays of the listener in the order of time.
    """
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
