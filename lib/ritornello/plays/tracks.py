"""A delivery's tracks, each once, and the order of their ids."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.plays.fingerprint import hash_sums


def with_content_hash(listed: DataFrame) -> DataFrame:
    """Add ``content_hash`` over all columns of a row, nulls included.

    The names are those of version 0.1.0, so that a delivery keeps its id.
    """
    names = {"track_index": "source_track_id"}
    columns = [F.col(name).alias(names.get(name, name)) for name in listed.columns]
    return listed.withColumn("content_hash", F.xxhash64(F.to_json(F.struct(*columns))))


def is_usable() -> Column:
    """Return whether a listed track has an index that plays can name."""
    return F.coalesce(F.col("track_index") >= 0, F.lit(False))


def summarise_tracks(listed: DataFrame) -> DataFrame:
    """Count listed and unusable tracks, and sum their content hashes.

    The result is one row with ``listed_tracks``, ``unusable_tracks`` and the hash sums.
    """
    return listed.agg(
        F.count("*").alias("listed_tracks"),
        F.count(F.when(~is_usable(), F.lit(1))).alias("unusable_tracks"),
        *hash_sums("track_hash", F.col("content_hash")),
    )


def one_per_track(listed: DataFrame) -> DataFrame:
    """One row per usable track index.

    Of several rows the one with the smallest text id is kept, and ``texts`` counts the text ids. Ties
    go to the smallest content hash, so a rerun keeps the same row.
    """
    of_index = Window.partitionBy("track_index")
    by_text = F.asc_nulls_last("source_track_key")
    nth_text = F.dense_rank().over(of_index.orderBy(by_text))
    return (
        listed.where(is_usable())
        .withColumn("_nth", F.row_number().over(of_index.orderBy(by_text, "content_hash")))
        .withColumn("_text", F.when(F.col("source_track_key").isNotNull(), nth_text))
        .withColumn("texts", F.coalesce(F.max("_text").over(of_index), F.lit(0)).cast("bigint"))
        .where(F.col("_nth") == 1)
        .drop("_nth", "_text", "content_hash")
    )


def new_ones(listed: DataFrame, known: DataFrame, source_id: str) -> DataFrame:
    """Keep rows whose source id is not in ``known``.

    A known one keeps its id and its first row.
    """
    return listed.join(known.select(source_id), on=source_id, how="left_anti")


def by_first_play(source_id: str) -> tuple[Column, Column]:
    """Return the order in which ids are assigned.

    It is by first play, then source id, and whatever nobody played comes last. So a play at a later
    instant can never change the id of something played before it.
    """
    return F.asc_nulls_last("first_played_at"), F.asc(source_id)
