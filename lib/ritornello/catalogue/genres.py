"""Genres of catalogue artists, and the votes for each (formulas B1.1)."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts import UNKNOWN_GENRE


def track_credits(tracks: DataFrame) -> DataFrame:
    """One row per (catalogue track, catalogue artist), each once.

    ``track_artists`` is how many artists the track has.
    """
    ids = F.array_distinct("catalogue_artist_ids")
    return tracks.select(
        "catalogue_track_id",
        F.size(ids).alias("track_artists"),
        F.explode(ids).alias("catalogue_artist_id"),
    )


def artist_genres(artists: DataFrame, credits: DataFrame) -> DataFrame:
    """One row per (catalogue artist, genre).

    Genres are the artist's own, else the union of the co-artists', else UNKNOWN_GENRE.
    """
    own = _own_genres(artists)
    without = artists.select("catalogue_artist_id").join(own, "catalogue_artist_id", "anti")
    lent = (
        co_artists(credits.join(without, "catalogue_artist_id", "semi"), credits)
        .join(own.withColumnRenamed("catalogue_artist_id", "co_artist_id"), "co_artist_id")
        .select("catalogue_artist_id", "genre")
        .distinct()
    )
    unknown = without.join(lent, "catalogue_artist_id", "anti").withColumn(
        "genre", F.lit(UNKNOWN_GENRE)
    )
    return own.unionByName(lent).unionByName(unknown)


def co_artists(credits: DataFrame, of: DataFrame) -> DataFrame:
    """One row per (track, artist, other artist of the track)."""
    shared = F.col("track_artists") > 1
    others = of.where(shared).select(
        "catalogue_track_id", F.col("catalogue_artist_id").alias("co_artist_id")
    )
    return (
        credits.where(shared)
        .join(others, on="catalogue_track_id", how="inner")
        .where(F.col("co_artist_id") != F.col("catalogue_artist_id"))
    )


def equal_rows(genres: DataFrame, credits: DataFrame) -> DataFrame:
    """One row per (artist, genre, track), with ``vote`` 1.

    As published, all genres of an artist get all its tracks. An artist without tracks keeps its
    genres, without track and with ``vote`` 0.
    """
    pairs = credits.select("catalogue_track_id", "catalogue_artist_id")
    return genres.join(pairs, on="catalogue_artist_id", how="left").withColumn(
        "vote", F.col("catalogue_track_id").isNotNull().cast("double")
    )


def voted_rows(
    genres: DataFrame, credits: DataFrame, artists: DataFrame, plays: DataFrame
) -> DataFrame:
    """One row per (artist, genre, track), with its ``vote``.

    ``vote`` = (1 + the track's plays) · (1/n + co-artists' votes). The artist splits a vote equally
    over its n genres, and each co-artist of the track over its own genres. A vote for a genre that
    the artist does not have is lost. ``plays`` has catalogue_track_id and the plays before the
    instant.
    """
    many = genres.groupBy("catalogue_artist_id").agg((1 / F.count("*")).alias("_own"))
    own = _own_genres(artists).join(
        artists.select("catalogue_artist_id", (1 / F.size("genres")).alias("_part")),
        on="catalogue_artist_id",
    )
    others = (
        co_artists(credits, credits)
        .join(own.withColumnRenamed("catalogue_artist_id", "co_artist_id"), "co_artist_id")
        .groupBy("catalogue_track_id", "catalogue_artist_id", "genre")
        .agg(F.sum("_part").alias("_others"))
    )
    keys = ["catalogue_track_id", "catalogue_artist_id", "genre"]
    heard = 1 + F.coalesce("plays", F.lit(0))
    vote = heard * (F.col("_own") + F.coalesce("_others", F.lit(0.0)))
    return (
        equal_rows(genres, credits)
        .join(many, on="catalogue_artist_id", how="inner")
        .join(others, on=keys, how="left")
        .join(plays, on="catalogue_track_id", how="left")
        .select(*keys, (F.col("vote") * vote).alias("vote"))
    )


def _own_genres(artists: DataFrame) -> DataFrame:
    return artists.select(
        "catalogue_artist_id", F.explode(F.array_distinct("genres")).alias("genre")
    )
