"""Artists as vectors of audio and genres (formulas B1.1), from rows (artist, genre, track, vote)."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.tables.contracts.catalogue import CATEGORIES, MEANS

DIGITS = 9  # votes are compared to so many, so that the order of a sum cannot decide
TOP_GENRES = 3


def available(tracks: DataFrame, played: DataFrame, *, before: Column) -> DataFrame:
    """The catalogue tracks that exist: played before the instant, or out on an earlier day.

    Never because a file lists them. ``played``: catalogue_track_id of tracks played before.
    """
    heard = played.select("catalogue_track_id", F.lit(True).alias("_heard")).distinct()
    is_out = F.coalesce(F.col("released_by") < F.to_date(before), F.lit(False))
    return (
        tracks.join(heard, on="catalogue_track_id", how="left")
        .where(F.coalesce("_heard", is_out))
        .drop("_heard")
    )


def genre_aggregates(rows: DataFrame, tracks: DataFrame) -> DataFrame:
    """One (artist, genre): means, most frequent categories, tracks and the genre's share of votes.

    Means and categories weigh each track by its vote and leave missing values out; all missing
    stays missing. Equally frequent categories: the smallest.
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
    """One artist: sum(w·mean) / sum(w) over genres, categories of the genre of most weight, genres.

    Genres of one weight stand in the order of their names; an artist without tracks has no audio.
    """
    weight = F.coalesce("weight", F.lit(0.0))
    order = F.struct((-weight).alias("_minus"), "genre", *CATEGORIES)
    found = aggregates.groupBy("catalogue_artist_id").agg(
        F.max("tracks").alias("tracks"),
        *(_mean(name, "weight").alias(name) for name in MEANS),
        F.sort_array(F.collect_list(order)).alias("_genres"),
    )
    first = F.col("_genres")[0]
    return found.withColumns(
        {
            **{name: first[name] for name in CATEGORIES},
            "top_genres": F.slice(F.col("_genres.genre"), 1, TOP_GENRES),
            "genres": F.col("_genres.genre"),
        }
    ).drop("_genres")


def _mean(name: str, weight: str) -> Column:
    """Weighted mean of what is known; null if nothing is."""
    known = F.col(name).isNotNull()
    total = F.sum(F.when(known, F.col(weight)))
    return F.when(total > 0, F.sum(F.when(known, F.col(name) * F.col(weight))) / total)


def _most_frequent(name: str) -> Column:
    """The known value of most votes in the list ``_name``; ties go to the smallest."""
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
