"""Artists, derived from the tracks that name them."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def artists_of(tracks: DataFrame) -> DataFrame:
    """One row per artist with ``first_played_at``, the earliest over their tracks.

    Tracks without an artist give no row. The name comes from the track with the smallest source id
    that has one.
    """
    named = F.when(F.trim("artist_name") != "", F.col("source_track_id"))
    return (
        tracks.where(F.col("source_artist_id").isNotNull())
        .groupBy("source_artist_id")
        .agg(
            F.min("first_played_at").alias("first_played_at"),
            F.min_by("artist_name", named).alias("artist_name"),
        )
    )


def with_artist_id(tracks: DataFrame, artists: DataFrame) -> DataFrame:
    """Add ``artist_id``, null where the track names no artist."""
    ids = artists.select("source_artist_id", "artist_id")
    return tracks.join(ids, on="source_artist_id", how="left")
