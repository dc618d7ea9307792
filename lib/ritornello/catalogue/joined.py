"""Listening log joined to artist vectors, and how much of it is covered."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.catalogue.names import NORMALISERS


def joined(pairs: DataFrame, matches: DataFrame, *, min_plays: int) -> DataFrame:
    """One row per (listener, artist) of at least ``min_plays`` plays.

    Each has the one catalogue artist that it is matched to.
    """
    names = matches.select(
        "artist_id", "artist_name", "catalogue_artist_id", "catalogue_name", "matched_by"
    )
    return pairs.where(F.col("plays") >= min_plays).join(names, on="artist_id", how="inner")


def artist_features(matches: DataFrame, features: DataFrame) -> DataFrame:
    """One row per matched artist, with the vector of its catalogue artist.

    Values are null where there is no audio.
    """
    artists = matches.select("artist_id", "artist_name", "catalogue_artist_id", "plays")
    vectors = features.drop("tracks")
    return artists.join(vectors, on="catalogue_artist_id", how="inner")


def with_features(joined: DataFrame, artist_features: DataFrame) -> DataFrame:
    """Add the artist's vector to the joined pairs."""
    vectors = artist_features.drop("artist_name", "catalogue_artist_id", "plays")
    return joined.join(vectors, on="artist_id", how="inner")


def unmatched(artists: DataFrame, matches: DataFrame, candidates: DataFrame) -> DataFrame:
    """One row per artist without a match, with the ``reason``.

    Its name is missing, not found, or could mean several artists.
    """
    could_be = candidates.select("artist_id", F.lit(True).alias("_found")).distinct()
    reason = (
        F.when(F.col("_found"), "ambiguous")
        .when(F.col("keys.basic").isNull(), "no_name")
        .otherwise("not_found")
    )
    return (
        artists.join(matches.select("artist_id"), on="artist_id", how="anti")
        .join(could_be, on="artist_id", how="left")
        .select("artist_id", "artist_name", "plays", "listeners", reason.alias("reason"))
    )


def covered(
    artists: DataFrame, catalogue: DataFrame, matches: DataFrame, missing: DataFrame
) -> DataFrame:
    """One row per artist, with ``matched_by``, ``reason`` and a flag per normaliser.

    One of ``matched_by`` and ``reason`` is null. A flag says whether the name is a catalogue
    artist's by that normaliser alone.
    """
    rows = artists.join(matches.select("artist_id", "matched_by"), on="artist_id", how="left")
    rows = rows.join(missing.select("artist_id", "reason"), on="artist_id", how="left")
    for name in NORMALISERS:
        offered = catalogue.select(F.col(f"keys.{name}").alias("_key")).distinct()
        names = offered.withColumn(f"by_{name}", F.lit(True))
        rows = rows.join(names, on=rows[f"keys.{name}"] == names["_key"], how="left").drop("_key")
    return rows


def shares(covered: DataFrame, conditions: Mapping[str, Column]) -> DataFrame:
    """Count distinct names and sum plays of the artists of each condition.

    The result is one row, with ``<name>_names`` and ``<name>_plays`` for each.
    """
    return covered.agg(
        *(
            column
            for name, holds in conditions.items()
            for column in (
                F.countDistinct(F.when(holds, F.col("artist_name"))).alias(f"{name}_names"),
                F.coalesce(F.sum(F.when(holds, F.col("plays"))), F.lit(0)).alias(f"{name}_plays"),
            )
        )
    )
