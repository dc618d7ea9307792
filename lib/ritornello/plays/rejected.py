"""Rejected plays as they are kept: as they came, with the reason, to be judged again."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.plays.explode import parsed_time, time_text


def rejected_plays(rejected: DataFrame, files: DataFrame) -> DataFrame:
    """One rejected play in the columns of its table, without ``delivery_id``."""
    return rejected.join(F.broadcast(files), on="file_number", how="left").select(
        "file",
        F.col("source_user_id").cast("string").alias("source_user_id"),
        F.col("source_track_id").cast("string").alias("source_track_id"),
        F.coalesce(time_text("played_at"), "played_at_text").alias("played_at_text"),
        "weight",
        "reason",
    )


def can_be_taken() -> Column:
    """Whether only the track was wanting, and is known now; needs ``track_is_known``."""
    return (F.col("reason") == "track_unknown") & F.col("track_is_known")


def as_plays(rejected: DataFrame) -> DataFrame:
    """Rejected plays that can be taken, back as plays under the source's ids."""
    return rejected.select(
        "delivery_id",
        "file",
        F.col("source_user_id").cast("bigint").alias("source_user_id"),
        F.col("source_track_id").cast("bigint").alias("source_track_id"),
        parsed_time("played_at_text").alias("played_at"),
        "weight",
    )
