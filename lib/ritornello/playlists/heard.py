"""A listener's plays before an instant, and the taste they show."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def heard_tracks(plays: DataFrame) -> DataFrame:
    """One row per (user_id, track_id) with ``plays`` and ``last_played_at``.

    Every row of ``plays`` counts.
    """
    return plays.groupBy("user_id", F.col("item_id").alias("track_id")).agg(
        F.count("*").alias("plays"), F.max("played_at").alias("last_played_at")
    )


def heard_songs(heard: DataFrame, recordings: DataFrame) -> DataFrame:
    """One row per (user_id, recording_id) with ``plays`` and ``last_played_at``.

    The plays of all versions count together.
    """
    known = heard.join(recordings, "track_id", how="left")
    song = F.coalesce("recording_id", "track_id").alias("recording_id")
    return known.groupBy("user_id", song).agg(
        F.sum("plays").alias("plays"), F.max("last_played_at").alias("last_played_at")
    )


def plays_of_tracks(heard: DataFrame) -> DataFrame:
    """One row per track with the plays of all listeners: (track_id, weight)."""
    return heard.groupBy("track_id").agg(F.sum("plays").cast("double").alias("weight"))


def tastes(heard: DataFrame, audio: DataFrame) -> DataFrame:
    """One row per listener with mean ``taste_tempo`` and ``taste_valence`` (B2).

    The means are weighted by plays. Each covers the plays for which the value is known, and is null
    where it is known for none.
    """
    known = heard.join(audio.select("track_id", "tempo", "valence"), "track_id", how="inner")
    return known.groupBy("user_id").agg(
        _mean_of_plays("tempo").alias("taste_tempo"),
        _mean_of_plays("valence").alias("taste_valence"),
    )


def _mean_of_plays(feature: str) -> Column:
    known = F.col(feature).isNotNull()
    return F.sum(F.col("plays") * F.col(feature)) / F.sum(F.when(known, F.col("plays")))


def listed_moments(playlists: DataFrame) -> DataFrame:
    """One row per (user_id, recording_id) with the moments it was listed for.

    ``playlists`` has the earlier lists.
    """
    moments = F.array_sort(F.collect_set("moment"))
    return playlists.groupBy("user_id", "recording_id").agg(moments.alias("listed_moments"))
