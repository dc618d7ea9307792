"""Judged entries as they are kept: a text only where people look at it."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.sources.entries import NOT_QUARANTINED

TEXT_LENGTH = 500


def staged(events: DataFrame) -> DataFrame:
    """Keep ``text`` only for events with a reason, which people look at.

    The text is cut to ``TEXT_LENGTH`` characters and readable as UTF-8.
    """
    readable = F.decode(F.col("text").cast("binary"), "UTF-8")
    excerpt = F.when(F.col("reason").isNotNull(), F.substring(readable, 1, TEXT_LENGTH))
    return events.withColumn("text", excerpt)


def quarantine_of(events: DataFrame) -> DataFrame:
    """One row per entry that is not a play.

    Columns: file, line, reason and the first 500 characters of the text. Headers and blank lines
    are left out.
    """
    is_quarantined = F.col("reason").isNotNull() & ~F.col("reason").isin(*NOT_QUARANTINED)
    return events.where(is_quarantined).select("file", "line", "reason", "text")
