"""Facts about tracks that playlists use: ids, sound, recording and names."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts.catalogue import AUDIO

KEYS = ("key", "mode")
SOUNDS = ", ".join(
    ["track_id int", *(f"{name} double" for name in AUDIO), "key int, mode int, duration_ms bigint"]
)
RECORDINGS = "track_id int, recording_id int"


def songs_of_tracks(tracks: DataFrame, recordings: DataFrame) -> DataFrame:
    """One row per track: (track_id, artist_id, recording_id).

    A track without a known recording is its own recording.
    """
    known = tracks.select("track_id", "artist_id").join(
        recordings.select("track_id", "recording_id"), "track_id", how="left"
    )
    return known.withColumn("recording_id", F.coalesce("recording_id", "track_id"))


def with_sound(songs: DataFrame, audio: DataFrame) -> DataFrame:
    """Add the audio features, key and mode.

    They are null where the catalogue has none.
    """
    sounds = audio.select("track_id", *AUDIO, *KEYS)
    return songs.join(sounds, "track_id", how="left")


def with_names(
    rows: DataFrame, tracks: DataFrame, artists: DataFrame, audio: DataFrame
) -> DataFrame:
    """Add source ids, names and duration to rows with a ``track_id``."""
    names = tracks.select("track_id", "source_track_id", "source_track_key", "track_name")
    return (
        rows.join(names, "track_id", how="inner")
        .join(artists.select("artist_id", "artist_name"), "artist_id", how="left")
        .join(audio.select("track_id", "duration_ms"), "track_id", how="left")
    )
