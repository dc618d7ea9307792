"""Rejected plays, stored as delivered with the reason for rejecting them.

So they can be judged again later.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.plays.explode import parsed_time, time_text


def rejected_plays(
    rejected: DataFrame,
    files: DataFrame,
    *,
    listeners: DataFrame,
    tracks: DataFrame,
    numbers_are_tracks: bool,
) -> DataFrame:
    """One row per rejected play, in its table's columns without ``delivery_id``.

    ``listeners`` and ``tracks`` have the keys of a delivery's numbers. A track that is not listed has
    its number as key where numbers are the keys of tracks, else none.
    """
    unlisted = F.when(F.lit(numbers_are_tracks), F.col("track_index").cast("string"))
    named = (
        rejected.join(F.broadcast(files), on="file_number", how="left")
        .join(listeners, on="character_index", how="left")
        .join(tracks, on="track_index", how="left")
    )
    return named.select(
        "file",
        "source_user_id",
        "user_name",
        F.coalesce("source_track_id", unlisted).alias("source_track_id"),
        "character_index",
        "track_index",
        F.coalesce(time_text("played_at"), "played_at_text").alias("played_at_text"),
        "weight",
        "reason",
    )


def can_be_taken() -> Column:
    """Return whether the track was the only problem and is known now.

    Needs ``track_is_known``.
    """
    return (F.col("reason") == "track_unknown") & F.col("track_is_known")


def as_plays(rejected: DataFrame) -> DataFrame:
    """Turn acceptable rejected plays back into plays under source keys."""
    return rejected.select(
        "delivery_id",
        "file",
        "source_user_id",
        "user_name",
        "source_track_id",
        parsed_time("played_at_text").alias("played_at"),
        "weight",
    )
