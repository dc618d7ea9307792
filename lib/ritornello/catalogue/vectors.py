"""Artists as vectors of audio and genres (formulas B1.1).

They are computed from rows (artist, genre, track, vote).
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.tables.contracts.catalogue import CATEGORIES, MEANS

DIGITS = 9  # votes are rounded before comparison, so that the order of a sum cannot decide
TOP_GENRES = 3


def available(tracks: DataFrame, played: DataFrame, *, before: Column) -> DataFrame:
    """Keep the catalogue tracks that exist at the instant.

    A track exists if it was played before the instant or released on an earlier day, never because
    a file lists it. ``played`` has catalogue_track_id of tracks played before.
    """
    heard = played.select("catalogue_track_id", F.lit(True).alias("_heard")).distinct()
    is_out = F.coalesce(F.col("released_by") < F.to_date(before), F.lit(False))
    return (
        tracks.join(heard, on="catalogue_track_id", how="left")
        .where(F.coalesce("_heard", is_out))
        .drop("_heard")
    )


def genre_aggregates(rows: DataFrame, tracks: DataFrame) -> DataFrame:
    """One row per (artist, genre): audio, tracks and the genre's share of votes.

    Audio is means and most frequent categories. Both weigh each track by its vote and ignore
    missing values. They are null if all values are missing. Equally frequent categories go to the
    smallest.
    """
    audio = rows.join(
        tracks.select("catalogue_track_id", *MEANS, *CATEGORIES),
        on="catalogue_track_id",
        how="left",
    )
    votes = F.sum("vote")
    total = F.sum(votes).over(Window.partitionBy("catalogue_artist_id"))
    grouped = audio.groupBy("catalogue_artist_id", "genre").agg(
        F.count("catalogue_track_id").alias("tracks"),
        F.round(F.when(total > 0, votes / total), DIGITS).alias("weight"),
        *(_mean(name, "vote").alias(name) for name in MEANS),
        *(F.collect_list(F.struct(name, "vote")).alias(f"_{name}") for name in CATEGORIES),
    )
    return grouped.withColumns({name: _most_frequent(name) for name in CATEGORIES}).drop(
        *(f"_{name}" for name in CATEGORIES)
    )


def weighted_features(aggregates: DataFrame) -> DataFrame:
    """One row per artist: audio over its genres, and the genres.

    Means are sum(w·mean) / sum(w) over genres. Categories are those of the genre with the largest
    weight. Genres of equal weight are ordered by name. An artist without tracks has no audio.
    """
    weight = F.coalesce("weight", F.lit(0.0))
    order = F.struct((-weight).alias("_minus"), "genre", *CATEGORIES)
    artists = aggregates.groupBy("catalogue_artist_id").agg(
        F.max("tracks").alias("tracks"),
        *(_mean(name, "weight").alias(name) for name in MEANS),
        F.sort_array(F.collect_list(order)).alias("_genres"),
    )
    first = F.col("_genres")[0]
    return artists.withColumns(
        {
            **{name: first[name] for name in CATEGORIES},
            "top_genres": F.slice(F.col("_genres.genre"), 1, TOP_GENRES),
            "genres": F.col("_genres.genre"),
        }
    ).drop("_genres")


def _mean(name: str, weight: str) -> Column:
    """Return the weighted mean of the known values, null if there are none."""
    known = F.col(name).isNotNull()
    total = F.sum(F.when(known, F.col(weight)))
    return F.when(total > 0, F.sum(F.when(known, F.col(name) * F.col(weight))) / total)


def _most_frequent(name: str) -> Column:
    """Return the known value with the most votes in the list ``_name``.

    Ties go to the smallest value.
    """
    known = F.filter(f"_{name}", lambda one: one[name].isNotNull())
    values = F.array_distinct(F.transform(known, lambda one: one[name]))

    def votes(value: Column) -> Column:
        same = F.filter(known, lambda one: one[name] == value)
        return F.aggregate(same, F.lit(0.0), lambda total, one: total + one["vote"])

    ranked = F.transform(
        values,
        lambda value: F.struct(
            (-F.round(votes(value), DIGITS)).alias("_minus"), value.alias("value")
        ),
    )
    return F.array_min(ranked)["value"]
