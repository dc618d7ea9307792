"""Remove duplicate plays."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SAME_PLAY = ("character_index", "played_at", "track_index", "weight")


def keep_once(accepted: DataFrame, *, first_of: Sequence[str] = ("file_number",)) -> DataFrame:
    """One row per play, assigned to the first of its files.

    Rows with the same listener, instant, track and weight are one play. ``first_of`` are the columns
    that identify the file. The result is partitioned by listener.
    """
    first = F.min(F.struct(*first_of)).alias("_first") if len(first_of) > 1 else None
    grouped = accepted.repartition("character_index").groupBy(*SAME_PLAY)
    if first is None:
        return grouped.agg(F.min(first_of[0]).alias(first_of[0]))
    return grouped.agg(first).select(*SAME_PLAY, "_first.*")


def without_stored(unique: DataFrame, stored: DataFrame) -> DataFrame:
    """Drop plays that are in ``stored`` already, compared by ``SAME_PLAY``."""
    return unique.join(stored.select(*SAME_PLAY), on=list(SAME_PLAY), how="left_anti")


def first_played(unique: DataFrame, source_id: str) -> DataFrame:
    """One row per source id with ``first_played_at``, its first play here."""
    return unique.groupBy(source_id).agg(F.min("played_at").alias("first_played_at"))


def month_of(played_at: str) -> Column:
    """Return the first day of the month."""
    return F.trunc(F.to_date(played_at), "month")
