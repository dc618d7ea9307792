"""Reasons for rejecting a row or a play.

The vocabulary is fixed and the first reason that applies wins. No play is dropped without a reason.
``track_unknown`` comes last: such a play is otherwise good and can be accepted as soon as the
catalogue knows its track.
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
    """Add ``row_reason``: why the whole row is rejected.

    It is null if the row is not rejected.
    """
    conditions = {
        "listener_missing": F.col("character_index").isNull(),
        "listener_negative": F.col("character_index") < 0,
        "list_missing": F.col("list_length").isNull(),
    }
    return elements.withColumn("row_reason", _first(conditions, ROW_REASONS))


def with_rejection_reason(plays: DataFrame, *, earliest: datetime, until: datetime) -> DataFrame:
    """Add ``reason``: why the play is rejected.

    It is null if the play is accepted. Needs ``track_is_known``. Plays exactly at ``earliest`` or
    ``until`` are accepted, and so are negative weights (skip, dislike).
    """
    track, played_at, weight = F.col("track_index"), F.col("played_at"), F.col("weight")
    conditions = {
        "listener_missing": F.col("character_index").isNull(),
        "listener_negative": F.col("character_index") < 0,
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
    return plays.withColumn("reason", _first(conditions, PLAY_REASONS))


def with_known_track(plays: DataFrame, known: DataFrame, *, on: str = "track_index") -> DataFrame:
    """Add ``track_is_known``: whether the track of the column ``on`` is in ``known``.

    ``known`` has one row per track.
    """
    marked = known.select(on, F.lit(True).alias("_known"))
    return (
        plays.join(marked, on=on, how="left")
        .withColumn("track_is_known", F.col("_known").isNotNull())
        .drop("_known")
    )


def _first(conditions: dict[str, Column], order: tuple[str, ...]) -> Column:
    return F.coalesce(*(F.when(conditions[reason], F.lit(reason)) for reason in order))
