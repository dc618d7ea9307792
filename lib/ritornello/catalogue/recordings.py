"""Recordings: tracks that are versions of one song, counted together.

Versions are other ids of a song, remasters, single, album and live takes. A track joins the recording
of an earlier one or begins its own, and tracks with larger ids never change that. Ids follow the
first play, so a recording is the version that came first.
"""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf

RULES = {
    "recording": "the source says that it is the same recording",
    "title": "the same artist and title",
    "version": "the same artist and song, with other words for the version",
}
PARTS = "leaders array<int>, rules array<string>"


# titles, as keys, that an artist gives to many pieces of music
_SHARED_TITLES = (
    r"^(intro(duction)?|outro|interlude|prelude|postlude|skit|untitled|notitle|unknown|hiddentrack|"
    r"(track|titel|piste|pista)\d*)\d{0,2}$"
)


def artist_keys(artists: DataFrame) -> DataFrame:
    """One row per artist: (artist_id, artist_key).

    An artist with an id of its own, whose name no other such artist has, is known by that name, so
    that it meets the artist of the same name without an id. Homonyms are known by their ids.
    ``artists`` has artist_id, source_artist_id, ``is_name`` (the id is the name) and name keys.
    """
    name = F.col("keys.alphanumeric")
    with_id = F.count(F.when(~F.col("is_name"), F.lit(1))).over(Window.partitionBy(name))
    by_name = name.isNotNull() & (F.col("is_name") | (with_id == 1))
    key = F.when(by_name, F.concat(F.lit("name "), name)).otherwise(
        F.concat(F.lit("id "), "source_artist_id")
    )
    return artists.select("artist_id", key.alias("artist_key"))


def recordings(tracks: DataFrame, *, tolerance_seconds: float) -> DataFrame:
    """One row per track that is a version of an earlier one.

    The columns are track_id, recording_id (the earliest version) and rule. Tracks with one
    ``recording_key`` are the same recording and bear the names of the first of them. Other versions
    have the same ``artist_key`` and ``song_key``. A title without version words whose known length
    differs by more than the tolerance is another recording of that name. A track without an artist
    or a song, or with a title such as Intro, is united by its recording_key only. ``rule`` is one of
    ``RULES``. ``tracks`` also has track_id, title_key, is_version and duration_ms.
    """
    in_order = F.struct("track_id", "duration_ms", "is_version", "title_key", "first_id")
    songs = (
        _under_first_names(tracks)
        .where(F.col("_song").isNotNull())
        .groupBy("_song")
        .agg(F.sort_array(F.collect_list(in_order)).alias("_tracks"))
        .where(F.size("_tracks") > 1)
    )
    of_tracks = F.col("_tracks")
    versions = _versions(tolerance_seconds)(
        *(of_tracks[name] for name in ("track_id", "duration_ms", "is_version", "title_key")),
        of_tracks["first_id"],
    )
    return (
        songs.select("_tracks", versions.alias("_versions"))
        .select(
            "_tracks", "_versions.rules", F.posexplode("_versions.leaders").alias("_nth", "_leader")
        )
        .where(F.col("_leader") != F.col("_nth"))
        .select(
            F.col("_tracks")[F.col("_nth")]["track_id"].alias("track_id"),
            F.col("_tracks")[F.col("_leader")]["track_id"].alias("recording_id"),
            F.col("rules")[F.col("_nth")].alias("rule"),
        )
    )


def _under_first_names(tracks: DataFrame) -> DataFrame:
    """Add each track's song and ``first_id``.

    That is the first track with its recording_key, by default the track itself.
    """
    own = F.struct("artist_key", "song_key")
    by_key = tracks.where(F.col("recording_key").isNotNull())
    first = by_key.groupBy("recording_key").agg(
        F.min_by(own, "track_id").alias("_first"), F.min("track_id").alias("_first_id")
    )
    names = F.coalesce("_first", own)
    named = names["artist_key"].isNotNull() & ~names["song_key"].rlike(_SHARED_TITLES)
    by_recording = F.struct(F.lit("").alias("artist_key"), F.col("recording_key").alias("song_key"))
    song = F.when(named, names).when(F.col("recording_key").isNotNull(), by_recording)
    return tracks.join(first, on="recording_key", how="left").select(
        *("track_id", "duration_ms", "is_version", "title_key"),
        F.coalesce(F.col("_first_id"), "track_id").alias("first_id"),
        song.alias("_song"),
    )


def united(plays: DataFrame, recordings: DataFrame, *, track: str = "track_id") -> DataFrame:
    """Replace the track of each row by its recording.

    A track without a recording keeps its own id. ``track`` names the column.
    """
    ids = recordings.select(F.col("track_id").alias(track), "recording_id")
    return plays.join(ids, on=track, how="left").select(
        *(
            F.coalesce("recording_id", track).alias(name) if name == track else name
            for name in plays.columns
        )
    )


def leaders(
    durations_ms: Sequence[float | None],
    is_version: Sequence[bool],
    firsts: Sequence[int],
    *,
    tolerance_seconds: float,
) -> list[int]:
    """Return the place of the leader of each of a song's tracks.

    Tracks are ordered by their ids. The leader is the track that began the recording. ``firsts`` is
    the place of the first track that the source calls the same recording, by default a track's own.
    """
    groups: list[tuple[int, float | None]] = []  # place and length of each recording so far
    places: list[int] = []
    for place, (length, marked) in enumerate(zip(durations_ms, is_version, strict=True)):
        if firsts[place] < place:
            places.append(places[firsts[place]])
            continue
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


def _versions(tolerance_seconds: float) -> Callable[..., Column]:
    def versions(batches: Iterator[tuple[pd.Series, ...]]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            songs = [
                _of_song(*song, tolerance_seconds=tolerance_seconds)
                for song in zip(*batch, strict=True)
            ]
            yield pd.DataFrame(songs, columns=["leaders", "rules"])

    return batch_udf(versions, PARTS)


def _of_song(
    ids: Sequence[int],
    durations_ms: Sequence[float | None],
    is_version: Sequence[bool],
    titles: Sequence[str | None],
    first_ids: Sequence[int],
    *,
    tolerance_seconds: float,
) -> tuple[list[int], list[str]]:
    """Return the leader of each track of a song, with the rule."""
    place_of = {one: place for place, one in enumerate(ids)}
    firsts = [place_of[one] for one in first_ids]
    places = leaders(durations_ms, is_version, firsts, tolerance_seconds=tolerance_seconds)
    rules = [
        _rule(titles[place] == titles[at], is_again=firsts[place] < place)
        for place, at in enumerate(places)
    ]
    return places, rules


def _rule(has_its_title: bool, *, is_again: bool) -> str:
    if is_again:
        return "recording"
    return "title" if has_its_title else "version"
