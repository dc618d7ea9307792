"""The listening log joined to artist vectors by match, and how much of it is covered."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.catalogue.names import NORMALISERS


def joined(pairs: DataFrame, matches: DataFrame, *, min_plays: int) -> DataFrame:
    """One (listener, artist) of at least ``min_plays`` plays, with the one artist it is."""
    told = matches.select(
        "artist_id", "artist_name", "catalogue_artist_id", "catalogue_name", "matched_by"
    )
    return pairs.where(F.col("plays") >= min_plays).join(told, on="artist_id", how="inner")


def artist_features(matches: DataFrame, features: DataFrame) -> DataFrame:
    """One matched artist with the vector of its catalogue artist, null where there is no audio."""
    told = matches.select("artist_id", "artist_name", "catalogue_artist_id", "plays")
    vectors = features.drop("tracks")
    return told.join(vectors, on="catalogue_artist_id", how="inner")


def with_features(joined: DataFrame, artist_features: DataFrame) -> DataFrame:
    """The joined pairs with the artist's vector."""
    vectors = artist_features.drop("artist_name", "catalogue_artist_id", "plays")
    return joined.join(vectors, on="artist_id", how="inner")


def unmatched(artists: DataFrame, matches: DataFrame, candidates: DataFrame) -> DataFrame:
    """One artist without a match: its name is missing, not found, or could mean several."""
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
    """One artist with ``matched_by`` and ``reason`` (one of them null) and a flag per normaliser.

    The flag says whether the name is a catalogue artist's by that normaliser alone.
    """
    told = artists.join(matches.select("artist_id", "matched_by"), on="artist_id", how="left")
    told = told.join(missing.select("artist_id", "reason"), on="artist_id", how="left")
    for name in NORMALISERS:
        offered = catalogue.select(F.col(f"keys.{name}").alias("_key")).distinct()
        found = offered.withColumn(f"by_{name}", F.lit(True))
        told = told.join(found, on=told[f"keys.{name}"] == found["_key"], how="left").drop("_key")
    return told


def shares(covered: DataFrame, conditions: Mapping[str, Column]) -> DataFrame:
    """One row: distinct ``<name>_names`` and ``<name>_plays`` of the artists of each condition."""
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
