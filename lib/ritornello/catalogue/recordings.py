"""Versions of one song as one recording: remaster, single, album and live takes counted together.

A track joins the recording of an earlier played one or begins its own, and later plays never change
that: the recordings as of an instant are those of any later instant, restricted to its tracks.
"""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf


def recordings(played: DataFrame, *, tolerance_seconds: float) -> DataFrame:
    """One played track with ``recording_id``, the track of the version that was played first.

    Versions have one ``artist_key`` and one ``song_key``. A title without a word of version and of
    another known length (beyond the tolerance) is another recording of that name. Without an artist
    or a title a track is its own recording. ``played`` also has track_id, first_played_at,
    is_version and duration_ms.
    """
    in_order = F.struct("first_played_at", "track_id", "duration_ms", "is_version")
    has_keys = F.col("artist_key").isNotNull() & F.col("song_key").isNotNull()
    alone = played.where(~has_keys).select("track_id", F.col("track_id").alias("recording_id"))
    songs = (
        played.where(has_keys)
        .groupBy("artist_key", "song_key")
        .agg(F.sort_array(F.collect_list(in_order)).alias("_tracks"))
        .select("_tracks")
    )
    single = songs.where(F.size("_tracks") == 1).select(
        F.col("_tracks")[0]["track_id"].alias("_id")
    )
    return (
        _led(songs.where(F.size("_tracks") > 1), tolerance_seconds)
        .unionByName(
            single.select(F.col("_id").alias("track_id"), F.col("_id").alias("recording_id"))
        )
        .unionByName(alone)
    )


def _led(songs: DataFrame, tolerance_seconds: float) -> DataFrame:
    """The tracks of songs of several, each with the one that leads it."""
    leader = _leaders(tolerance_seconds)(
        F.col("_tracks.duration_ms"), F.col("_tracks.is_version")
    ).alias("_leaders")
    return (
        songs.select("_tracks", leader)
        .select("_tracks", F.posexplode("_leaders").alias("_nth", "_leader"))
        .select(
            F.col("_tracks")[F.col("_nth")]["track_id"].alias("track_id"),
            F.col("_tracks")[F.col("_leader")]["track_id"].alias("recording_id"),
        )
    )


def united(plays: DataFrame, recordings: DataFrame) -> DataFrame:
    """The plays with ``track_id`` of the recording; a track without one stays what it is."""
    ids = recordings.select("track_id", "recording_id")
    return plays.join(ids, on="track_id", how="left").select(
        *(
            F.coalesce("recording_id", "track_id").alias(name) if name == "track_id" else name
            for name in plays.columns
        )
    )


def leaders(
    durations_ms: Sequence[float | None], is_version: Sequence[bool], *, tolerance_seconds: float
) -> list[int]:
    """For each of a song's tracks, first played first, the place of the track that leads it."""
    found: list[tuple[int, float | None]] = []  # place and length of each recording so far
    led = []
    for place, (length, marked) in enumerate(zip(durations_ms, is_version, strict=True)):
        told = None if marked or length is None or pd.isna(length) else float(length)
        nth = next(
            (
                n
                for n, (_, of) in enumerate(found)
                if told is None or of is None or abs(of - told) <= 1000 * tolerance_seconds
            ),
            len(found),
        )
        if nth == len(found):
            found.append((place, told))
        elif found[nth][1] is None:
            found[nth] = (found[nth][0], told)
        led.append(found[nth][0])
    return led


def _leaders(tolerance_seconds: float) -> Callable[..., Column]:
    def led(batches: Iterator[tuple[pd.Series, pd.Series]]) -> Iterator[pd.Series]:
        for durations, marks in batches:
            yield pd.Series(
                [
                    leaders(list(one), list(two), tolerance_seconds=tolerance_seconds)
                    for one, two in zip(durations, marks, strict=True)
                ],
                dtype=object,
            )

    return batch_udf(led, "array<int>")
