"""What playlists know of tracks: ids, how they sound, which song they are, names."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts.catalogue import AUDIO

KEYS = ("key", "mode")
SOUNDS = ", ".join(
    ["track_id int", *(f"{name} double" for name in AUDIO), "key int, mode int, duration_ms bigint"]
)
RECORDINGS = "track_id int, recording_id int"


def songs_of_tracks(tracks: DataFrame, recordings: DataFrame) -> DataFrame:
    """(track_id, artist_id, recording_id); a track of no known recording is its own."""
    known = tracks.select("track_id", "artist_id").join(
        recordings.select("track_id", "recording_id"), "track_id", how="left"
    )
    return known.withColumn("recording_id", F.coalesce("recording_id", "track_id"))


def with_sound(songs: DataFrame, audio: DataFrame) -> DataFrame:
    """Add the audio features, key and mode; null where the catalogue knows none."""
    sounds = audio.select("track_id", *AUDIO, *KEYS)
    return songs.join(sounds, "track_id", how="left")


def with_names(
    rows: DataFrame, tracks: DataFrame, artists: DataFrame, audio: DataFrame
) -> DataFrame:
    """Add the source's ids, the names and the duration to rows with a ``track_id``."""
    names = tracks.select("track_id", "source_track_id", "source_track_key", "track_name")
    return (
        rows.join(names, "track_id", how="inner")
        .join(artists.select("artist_id", "artist_name"), "artist_id", how="left")
        .join(audio.select("track_id", "duration_ms"), "track_id", how="left")
    )
