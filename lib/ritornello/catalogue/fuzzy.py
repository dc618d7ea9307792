"""Similar names: rapidfuzz within small blocks, in Arrow batches.

Two names are compared only if they begin or end alike, so the work grows with the number of names,
not with its square. A block too common to tell names apart (more than ``block`` of the catalogue)
is left out.
"""

from collections.abc import Iterator

import pandas as pd
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from rapidfuzz import fuzz, process

from ritornello.arrow import batch_udf

BLOCK_LETTERS = 4
LEAST_LETTERS = 5  # shorter names are never nearly the same


def fuzzy_candidates(
    artists: DataFrame, catalogue: DataFrame, *, threshold: float, block: int
) -> DataFrame:
    """One row per (artist, catalogue artist) of the highest ``similarity``.

    It must reach the threshold. Several of the same similarity are all kept: ``homonyms`` judges
    them. Both tables have ``keys``, and the alphanumeric keys are compared.
    """
    ours, theirs = _blocked(artists, "artist_id"), _blocked(catalogue, "catalogue_artist_id")
    small = theirs.groupBy("_block").count().where(F.col("count") <= block).drop("count")
    near = F.abs(F.length("_asked") - F.length("_offered")) <= F.greatest(
        F.length("_asked"), F.length("_offered")
    ) * F.lit(2 * (1 - threshold / 100))
    pairs = (
        ours.withColumnRenamed("_letters", "_asked")
        .join(theirs.withColumnRenamed("_letters", "_offered"), on="_block", how="inner")
        .join(small, on="_block", how="semi")
        .where(near)
        .drop("_block")
        .distinct()
    )
    return _best(pairs.withColumn("similarity", _similarity()), threshold)


def _best(scored: DataFrame, threshold: float) -> DataFrame:
    highest = F.max("similarity").over(Window.partitionBy("artist_id"))
    return (
        scored.where(F.col("similarity") >= threshold)
        .withColumn("_highest", highest)
        .where(F.col("similarity") == F.col("_highest"))
        .select(
            "artist_id", "catalogue_artist_id", F.lit("fuzzy").alias("matched_by"), "similarity"
        )
    )


def _blocked(rows: DataFrame, id_column: str) -> DataFrame:
    """One row per block of a name: its first letters and its last ones."""
    letters = F.col("keys.alphanumeric")
    blocks = F.array(
        F.concat(F.lit("^"), F.substring(letters, 1, BLOCK_LETTERS)),
        F.concat(F.lit("$"), F.expr(f"right(keys.alphanumeric, {BLOCK_LETTERS})")),
    )
    return rows.where(F.length(letters) >= LEAST_LETTERS).select(
        id_column, letters.alias("_letters"), F.explode(blocks).alias("_block")
    )


def _similarity() -> Column:
    return batch_udf(_ratios, "double")("_asked", "_offered")


def _ratios(batches: Iterator[tuple[pd.Series, pd.Series]]) -> Iterator[pd.Series]:
    for ours, theirs in batches:
        yield pd.Series(process.cpdist(ours.tolist(), theirs.tolist(), scorer=fuzz.ratio)).round(6)
