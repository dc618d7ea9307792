"""Why a row or a play is not taken: a fixed vocabulary, and the first reason that applies wins.

No play is dropped without a reason. ``track_unknown`` comes last: such a play is good in all else
and can be taken as soon as the catalogue knows its track.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.instants import sql_timestamp

ROW_REASONS = ("listener_missing", "listener_negative", "list_missing")
PLAY_REASONS = (
    "listener_missing",
    "listener_negative",
    "element_missing",
    "track_missing",
    "track_negative",
    "time_missing",
    "time_unparsable",
    "time_too_early",
    "time_in_the_future",
    "weight_missing",
    "weight_zero",
    "weight_out_of_range",
    "track_unknown",
)
LARGEST_WEIGHT = 2**31 - 1


def with_row_reason(elements: DataFrame) -> DataFrame:
    """Add ``row_reason``: why the whole row is rejected, null if it is not."""
    found = {
        "listener_missing": F.col("source_user_id").isNull(),
        "listener_negative": F.col("source_user_id") < 0,
        "list_missing": F.col("list_length").isNull(),
    }
    return elements.withColumn("row_reason", _first(found, ROW_REASONS))


def with_rejection_reason(plays: DataFrame, *, earliest: datetime, until: datetime) -> DataFrame:
    """Add ``reason``: why the play is rejected, null if it is taken; needs ``track_is_known``.

    ``earliest`` and ``until`` are themselves taken. Negative weights (skip, dislike) are taken.
    """
    track, played_at, weight = F.col("source_track_id"), F.col("played_at"), F.col("weight")
    found = {
        "listener_missing": F.col("source_user_id").isNull(),
        "listener_negative": F.col("source_user_id") < 0,
        "element_missing": F.col("element_missing"),
        "track_missing": track.isNull(),
        "track_negative": track < 0,
        "time_missing": played_at.isNull() & F.col("played_at_text").isNull(),
        "time_unparsable": played_at.isNull(),
        "time_too_early": played_at < F.expr(sql_timestamp(earliest)),
        "time_in_the_future": played_at > F.expr(sql_timestamp(until)),
        "weight_missing": weight.isNull(),
        "weight_zero": weight == 0,
        "weight_out_of_range": F.abs(weight) > LARGEST_WEIGHT,
        "track_unknown": ~F.col("track_is_known"),
    }
    return plays.withColumn("reason", _first(found, PLAY_REASONS))


def with_known_track(plays: DataFrame, known: DataFrame) -> DataFrame:
    """Add ``track_is_known``: whether ``source_track_id`` stands in ``known`` (one row a track)."""
    told = known.select("source_track_id", F.lit(True).alias("_known"))
    return (
        plays.join(told, on="source_track_id", how="left")
        .withColumn("track_is_known", F.col("_known").isNotNull())
        .drop("_known")
    )


def _first(found: dict[str, Column], order: tuple[str, ...]) -> Column:
    return F.coalesce(*(F.when(found[reason], F.lit(reason)) for reason in order))
