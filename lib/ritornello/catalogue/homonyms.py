"""Choice among several catalogue artists that a name can mean.

It is based on what was played before the instant: first the plays of songs that the candidate has,
then how well its genres agree with what the artist's listeners play otherwise. A tie in both leaves
the name ambiguous, which is not a match. No artist is matched twice, so no play is multiplied.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

DIGITS = 9  # sums are rounded before comparison, so that the query plan cannot decide


def with_homonyms(candidates: DataFrame) -> DataFrame:
    """Add ``homonyms``: how many catalogue artists the artist can be."""
    of_artist = Window.partitionBy("artist_id")
    return candidates.withColumn("homonyms", F.count("*").over(of_artist).cast("int"))


def title_plays(shared: DataFrame, played: DataFrame, credits: DataFrame) -> DataFrame:
    """Count plays of the artist's tracks whose song the candidate has.

    One row per pair of ``shared`` with such plays. ``played`` has artist_id, song_key, plays.
    ``credits`` has catalogue_artist_id, song_key.
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
    """Measure how well the candidate's genres fit the artist's listeners.

    ``genre_agreement`` is the mean share of the candidate's genres in what the artist's listeners
    play, over settled artists only. ``pairs`` has user_id, artist_id, plays. ``settled`` has
    artist_id and catalogue_artist_id where there is no doubt. ``genres`` has catalogue_artist_id,
    genres. Plays are split equally over an artist's genres.
    """
    of_shared = pairs.join(shared.select("artist_id").distinct(), on="artist_id", how="inner")
    of_users = _genre_shares(
        pairs.join(of_shared.select("user_id").distinct(), on="user_id", how="semi"),
        settled,
        genres,
    )
    around = (
        of_shared.join(of_users, on="user_id", how="inner")
        .groupBy("artist_id", "genre")
        .agg(F.sum(F.col("plays") * F.col("_share")).alias("_heard"))
    )
    all_plays = of_shared.groupBy("artist_id").agg(F.sum("plays").alias("_plays"))
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
    """One row per (listener, genre): its share of plays of settled artists."""
    known = settled.join(genres, on="catalogue_artist_id", how="inner").where(F.size("genres") > 0)
    split = pairs.join(known, on="artist_id", how="inner").select(
        "user_id",
        (F.col("plays") / F.size("genres")).alias("_plays"),
        F.explode("genres").alias("genre"),
    )
    total = F.sum(F.sum("_plays")).over(Window.partitionBy("user_id"))
    return split.groupBy("user_id", "genre").agg((F.sum("_plays") / total).alias("_share"))


def judged(candidates: DataFrame, titles: DataFrame, agreement: DataFrame) -> DataFrame:
    """Add the evidence and ``is_chosen`` to the candidates.

    A candidate is chosen if it is alone, or strictly better than all others.
    """
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
    """Choose the most popular candidate by the source's undated popularity.

    That popularity knows the future: this is only for parity with the published recipe. Unknown
    popularity comes last. Ties go to the smaller id.
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
