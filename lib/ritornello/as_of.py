"""Choose plays by time: before an instant, or between two."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.instants import sql_timestamp


def instant(moment: datetime) -> Column:
    """Return the instant as a timestamp literal."""
    return F.expr(sql_timestamp(moment))


def before(plays: DataFrame, as_of: datetime) -> DataFrame:
    """Keep the plays before an instant.

    Nothing that is derived as of the instant may see any other play.
    """
    return plays.where(F.col("played_at") < instant(as_of))


def between(plays: DataFrame, start: datetime, end: datetime) -> DataFrame:
    """Keep the plays in [start, end)."""
    return before(plays, end).where(F.col("played_at") >= instant(start))
