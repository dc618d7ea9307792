"""Each play once."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SAME_PLAY = ("source_user_id", "played_at", "source_track_id", "weight")


def keep_once(accepted: DataFrame) -> DataFrame:
    """One play: same listener, instant, track and weight are one, in the first of its files.

    ``copies`` is how often it came. Partitioned by listener.
    """
    return (
        accepted.repartition("source_user_id")
        .groupBy(*SAME_PLAY)
        .agg(F.min("file_number").alias("file_number"), F.count("*").alias("copies"))
    )


def without_stored(unique: DataFrame, stored: DataFrame) -> DataFrame:
    """The plays that are not in ``stored`` (columns ``SAME_PLAY``)."""
    return unique.join(stored.select(*SAME_PLAY), on=list(SAME_PLAY), how="left_anti")


def first_played(unique: DataFrame, source_id: str) -> DataFrame:
    """One source id with ``first_played_at``, the instant of its first play here."""
    return unique.groupBy(source_id).agg(F.min("played_at").alias("first_played_at"))


def month_of(played_at: str) -> Column:
    """First day of the month."""
    return F.trunc(F.to_date(played_at), "month")
