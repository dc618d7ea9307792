"""Rejected plays as they are kept: as they came, with the reason, so that they can be judged again."""

from pyspark.sql import DataFrame
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


def as_plays(rejected: DataFrame) -> DataFrame:
    """Rejected plays back as plays under the source's ids, for those that are good but for their track."""
    return rejected.where(F.col("reason") == "track_unknown").select(
        "delivery_id",
        "file",
        F.col("source_user_id").cast("bigint").alias("source_user_id"),
        F.col("source_track_id").cast("bigint").alias("source_track_id"),
        parsed_time("played_at_text").alias("played_at"),
        "weight",
    )
