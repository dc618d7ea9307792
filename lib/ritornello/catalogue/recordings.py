"""Recordings: versions of one song, counted together.

Versions are remasters, single, album and live takes. A track joins the recording of an earlier
played one or begins its own, and later plays never change that: the recordings as of an instant are
those of any later instant, restricted to its tracks.
"""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf


def recordings(played: DataFrame, *, tolerance_seconds: float) -> DataFrame:
    """One row per played track, with its ``recording_id``.

    ``recording_id`` is the track of the version that was played first. Versions have the same
    ``artist_key`` and ``song_key``. A title without version words whose known length differs by
    more than the tolerance is another recording of that name. A track without an artist or a title
    is its own recording. ``played`` also has track_id, first_played_at, is_version and duration_ms.
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
    """Map each track to its leader, for songs of several tracks."""
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
    """Replace ``track_id`` of the plays by that of the recording.

    A track without a recording keeps its own.
    """
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
    """Return the place of the leader of each of a song's tracks.

    Tracks are ordered by their first play. The leader is the track that began the recording.
    """
    groups: list[tuple[int, float | None]] = []  # place and length of each recording so far
    places = []
    for place, (length, marked) in enumerate(zip(durations_ms, is_version, strict=True)):
        duration = None if marked or length is None or pd.isna(length) else float(length)
        nth = next(
            (
                n
                for n, (_, of) in enumerate(groups)
                if duration is None or of is None or abs(of - duration) <= 1000 * tolerance_seconds
            ),
            len(groups),
        )
        if nth == len(groups):
            groups.append((place, duration))
        elif groups[nth][1] is None:
            groups[nth] = (groups[nth][0], duration)
        places.append(groups[nth][0])
    return places


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
