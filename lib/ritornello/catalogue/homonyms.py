"""Which of several catalogue artists a name means, judged by what was played before the instant.

First the plays of songs that the candidate has, then how well its genres agree with what the
artist's listeners play otherwise. A tie in both leaves the name ambiguous: it is then no match, and
nothing is ever matched twice, so no play is multiplied.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

DIGITS = 9  # sums of shares are compared to so many, so that the plan cannot decide


def with_homonyms(candidates: DataFrame) -> DataFrame:
    """Add ``homonyms``: how many catalogue artists the artist can be."""
    of_artist = Window.partitionBy("artist_id")
    return candidates.withColumn("homonyms", F.count("*").over(of_artist).cast("int"))


def title_plays(shared: DataFrame, played: DataFrame, credits: DataFrame) -> DataFrame:
    """Plays of the artist's tracks whose song the candidate has, for each of the ``shared``.

    ``played``: artist_id, song_key, plays; ``credits``: catalogue_artist_id, song_key.
    """
    songs = credits.join(shared.select("catalogue_artist_id").distinct(), "catalogue_artist_id")
    known = songs.select("catalogue_artist_id", "song_key").distinct()
    pairs = shared.select("artist_id", "catalogue_artist_id")
    return (
        pairs.join(played, on="artist_id", how="inner")
        .join(known, on=["catalogue_artist_id", "song_key"], how="inner")
        .groupBy("artist_id", "catalogue_artist_id")
        .agg(F.sum("plays").alias("title_plays"))
    )


def genre_agreement(
    shared: DataFrame, pairs: DataFrame, settled: DataFrame, genres: DataFrame
) -> DataFrame:
    """Mean share of the candidate's genres in what the artist's listeners play, settled artists only.

    ``pairs``: user_id, artist_id, plays; ``settled``: artist_id, catalogue_artist_id without doubt;
    ``genres``: catalogue_artist_id, genres. Plays are split equally over an artist's genres.
    """
    asked = pairs.join(shared.select("artist_id").distinct(), on="artist_id", how="inner")
    of_users = _genre_shares(
        pairs.join(asked.select("user_id").distinct(), on="user_id", how="semi"), settled, genres
    )
    around = (
        asked.join(of_users, on="user_id", how="inner")
        .groupBy("artist_id", "genre")
        .agg(F.sum(F.col("plays") * F.col("_share")).alias("_heard"))
    )
    all_plays = asked.groupBy("artist_id").agg(F.sum("plays").alias("_plays"))
    offered = shared.join(genres, on="catalogue_artist_id", how="inner").select(
        "artist_id",
        "catalogue_artist_id",
        F.size("genres").alias("_genres"),
        F.explode("genres").alias("genre"),
    )
    share = F.sum("_heard") / F.first("_plays") / F.first("_genres")
    return (
        offered.join(around, on=["artist_id", "genre"], how="inner")
        .join(all_plays, on="artist_id", how="inner")
        .groupBy("artist_id", "catalogue_artist_id")
        .agg(F.round(share, DIGITS).alias("genre_agreement"))
    )


def _genre_shares(pairs: DataFrame, settled: DataFrame, genres: DataFrame) -> DataFrame:
    """One (listener, genre) with its share of the listener's plays of settled artists."""
    known = settled.join(genres, on="catalogue_artist_id", how="inner").where(F.size("genres") > 0)
    split = pairs.join(known, on="artist_id", how="inner").select(
        "user_id",
        (F.col("plays") / F.size("genres")).alias("_plays"),
        F.explode("genres").alias("genre"),
    )
    total = F.sum(F.sum("_plays")).over(Window.partitionBy("user_id"))
    return split.groupBy("user_id", "genre").agg((F.sum("_plays") / total).alias("_share"))


def judged(candidates: DataFrame, titles: DataFrame, agreement: DataFrame) -> DataFrame:
    """The candidates with their evidence and ``is_chosen``: alone, or strictly before all others."""
    pair = ["artist_id", "catalogue_artist_id"]
    evidence = (
        candidates.join(titles, on=pair, how="left")
        .join(agreement, on=pair, how="left")
        .na.fill({"title_plays": 0, "genre_agreement": 0.0})
    )
    best_first = Window.partitionBy("artist_id").orderBy(
        F.desc("title_plays"), F.desc("genre_agreement"), "catalogue_artist_id"
    )
    rival = F.lead(F.struct("title_plays", "genre_agreement")).over(best_first)
    own = F.struct("title_plays", "genre_agreement")
    is_best = (F.row_number().over(best_first) == 1) & (rival.isNull() | (own > rival))
    return evidence.withColumn("is_chosen", is_best)


def judged_as_published(candidates: DataFrame, popularity: DataFrame) -> DataFrame:
    """The most popular candidate by the source's undated popularity, which knows the future.

    Only for parity with the published recipe. Unknown popularity comes last, ties by id.
    """
    best_first = Window.partitionBy("artist_id").orderBy(
        F.desc_nulls_last("popularity"), "catalogue_artist_id"
    )
    return (
        candidates.join(popularity, on="catalogue_artist_id", how="left")
        .withColumn("is_chosen", F.row_number().over(best_first) == 1)
        .drop("popularity")
        .withColumns(
            {"title_plays": F.lit(0).cast("bigint"), "genre_agreement": F.lit(0.0).cast("double")}
        )
    )
