"""Rejected plays, stored as delivered with the reason for rejecting them.

So they can be judged again later.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.plays.explode import parsed_time, time_text


def rejected_plays(rejected: DataFrame, files: DataFrame) -> DataFrame:
    """One row per rejected play, in its table's columns without ``delivery_id``."""
    return rejected.join(F.broadcast(files), on="file_number", how="left").select(
        "file",
        F.col("source_user_id").cast("string").alias("source_user_id"),
        F.col("source_track_id").cast("string").alias("source_track_id"),
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
    """Turn acceptable rejected plays back into plays under source ids."""
    return rejected.select(
        "delivery_id",
        "file",
        F.col("source_user_id").cast("bigint").alias("source_user_id"),
        F.col("source_track_id").cast("bigint").alias("source_track_id"),
        parsed_time("played_at_text").alias("played_at"),
        "weight",
    )
