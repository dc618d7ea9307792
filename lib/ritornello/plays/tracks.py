"""Tracks as a delivery lists them, each once, and the order they get their ids in."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.plays.fingerprint import hash_sums


def with_content_hash(listed: DataFrame) -> DataFrame:
    """Add ``content_hash`` of all of a row's columns, nulls included."""
    return listed.withColumn("content_hash", F.xxhash64(F.to_json(F.struct(*listed.columns))))


def is_usable() -> Column:
    """Whether a listed track has an index that plays can name."""
    return F.coalesce(F.col("source_track_id") >= 0, F.lit(False))


def summarise_tracks(listed: DataFrame) -> DataFrame:
    """One row: ``listed_tracks``, ``unusable_tracks`` and the content's hash sums."""
    return listed.agg(
        F.count("*").alias("listed_tracks"),
        F.count(F.when(~is_usable(), F.lit(1))).alias("unusable_tracks"),
        *hash_sums("track_hash", F.col("content_hash")),
    )


def one_per_track(listed: DataFrame) -> DataFrame:
    """One usable track; of several rows the smallest text id is kept, ties always the same way."""
    text_first = Window.partitionBy("source_track_id").orderBy(
        F.asc_nulls_last("source_track_key"), "content_hash"
    )
    return (
        listed.where(is_usable())
        .withColumn("_nth", F.row_number().over(text_first))
        .where(F.col("_nth") == 1)
        .drop("_nth", "content_hash")
    )


def new_ones(listed: DataFrame, known: DataFrame, source_id: str) -> DataFrame:
    """Rows whose source id is not in ``known``: a known one keeps its id and its first row."""
    return listed.join(known.select(source_id), on=source_id, how="left_anti")


def by_first_play(source_id: str) -> tuple[Column, Column]:
    """The order ids are given in: first play, then source id; what nobody played comes last.

    So a play at a later instant can never change the id of what was played before it.
    """
    return F.asc_nulls_last("first_played_at"), F.asc(source_id)
