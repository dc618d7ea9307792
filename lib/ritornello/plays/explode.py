"""Explode listening lists into rows, the only explode of the import."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

TIME_FORMAT = "yyyy-MM-dd HH:mm:ss 'UTC'"


def explode_lists(interactions: DataFrame) -> DataFrame:
    """One row per element of a list.

    An empty or missing list gives one row without an element. ``opens_row`` is true once per row of
    the file, so rows can be counted among elements. ``list_length`` is null where the list is.
    ``played_at_text`` is kept only where it cannot be parsed: otherwise ``played_at`` gives it back
    exactly.
    """
    length = F.when(F.col("actions").isNotNull(), F.size("actions"))
    measured = interactions.withColumn("list_length", length)
    return measured.select(
        "file_number",
        F.col("character_index").cast("bigint").alias("character_index"),
        F.col("size_of_actions").cast("bigint").alias("stated_size"),
        "list_length",
        F.posexplode_outer("actions").alias("_position", "_play"),
    ).select(
        "file_number",
        "character_index",
        "stated_size",
        "list_length",
        (F.coalesce("_position", F.lit(0)) == 0).alias("opens_row"),
        F.col("_play").isNull().alias("element_missing"),
        F.col("_play.track_index").cast("bigint").alias("track_index"),
        *_time("_play.timestamp"),
        F.col("_play.`1`").cast("bigint").alias("weight"),
    )


def parsed_time(text: str | Column) -> Column:
    """Parse a UTC time in exactly the promised format.

    Anything else becomes null.
    """
    column = F.col(text) if isinstance(text, str) else text
    return F.try_to_timestamp(column, F.lit(TIME_FORMAT))


def time_text(moment: str | Column) -> Column:
    """Format a time as the text that ``parsed_time`` reads."""
    return F.date_format(moment, TIME_FORMAT)


def _time(text: str) -> tuple[Column, Column]:
    played_at = parsed_time(text)
    return played_at.alias("played_at"), F.when(played_at.isNull(), F.col(text)).alias(
        "played_at_text"
    )


def is_play() -> Column:
    """Return whether a row of ``explode_lists`` is an element of a list.

    The other rows stand for lists without elements.
    """
    return F.coalesce("list_length", F.lit(0)) > 0
