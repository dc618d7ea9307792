"""The listening log joined to artist vectors by match, and how much of it is covered."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


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


def tally(artists: DataFrame) -> DataFrame:
    """One row: distinct ``names`` of artists and their ``plays``."""
    return artists.agg(
        F.countDistinct("artist_name").alias("names"),
        F.coalesce(F.sum("plays"), F.lit(0)).alias("plays"),
    )
