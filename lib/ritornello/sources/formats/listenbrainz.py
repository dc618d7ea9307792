"""ListenBrainz dumps and account exports: one JSON object per line, plain or gzipped.

A track is known by its MusicBrainz recording: the mapped one, else the submitted one. An account
export does not say whose it is: the setting ``formats.listener`` does.
"""

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, filled, name_key
from ritornello.sources.files import list_files, pick
from ritornello.sources.lines import Layout, line_faults, read_lines

FILES = r"\S+\.(listens|jsonl|ndjson|json)(\.gz)?"
SCHEMA = """user_name string, listened_at string, timestamp string, track_metadata struct<
    artist_name: string, track_name: string,
    additional_info: struct<recording_mbid: string, artist_mbids: array<string>>,
    mbid_mapping: struct<recording_mbid: string, artist_mbids: array<string>>>, broken string"""
JSON = {"columnNameOfCorruptRecord": "broken"}
ISO_TIME = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$"
TRACK = "_listen.track_metadata"


def read(spark: SparkSession, folder: str, settings: FormatSettings) -> Reading:
    """Read one event per line, each with weight 1."""
    fits = F.get_json_object("text", "$.track_metadata.track_name").isNotNull()
    layout = Layout("a listen with track_metadata on each line", fits=fits)
    expected = "listens as .jsonl, .listens or .json, plain or .gz"
    every = list_files(spark, folder)
    files = pick(every, FILES, folder=folder, expected=expected)
    entries = read_lines(spark, [one for one in files if _has_listens(one.name)], layout)
    parsed = entries.frame.withColumn("_listen", F.from_json("text", SCHEMA, JSON))
    events = as_events(
        parsed.select("file", "line", "text", "copy_of", "_listen", *_columns(settings)),
        line_faults(layout)
        | {
            "json_malformed": F.col("_listen.broken").isNotNull(),
            "not_a_track": F.col("track_name").isNull(),
            "listener_missing": F.col("listener_key").isNull(),
            "track_id_missing": F.col("track_key").isNull(),
            "time_unparsable": F.col("played_at").isNull(),
        },
    )
    return Reading(events, entries.counted)


def _has_listens(name: str) -> bool:
    """Return whether a file has listens.

    An account export holds other files as well.
    """
    return name.rsplit("/", 1)[-1] not in ("user.json", "feedback.jsonl", "pinned_recording.jsonl")


def _columns(settings: FormatSettings) -> list[Column]:
    artist, track = filled(f"{TRACK}.artist_name"), filled(f"{TRACK}.track_name")
    recording = F.coalesce(
        filled(f"{TRACK}.mbid_mapping.recording_mbid"),
        filled(f"{TRACK}.additional_info.recording_mbid"),
    )
    artist_mbids = F.coalesce(
        f"{TRACK}.mbid_mapping.artist_mbids", f"{TRACK}.additional_info.artist_mbids"
    )
    by_name = F.when(F.lit(settings.without_track_id == "names"), name_key(artist, track))
    return [
        F.coalesce(filled("_listen.user_name"), F.lit(settings.listener)).alias("listener_key"),
        F.coalesce(recording, by_name).alias("track_key"),
        _time(F.coalesce("_listen.listened_at", "_listen.timestamp")).alias("played_at"),
        F.lit(1).alias("weight"),
        track.alias("track_name"),
        artist.alias("artist_name"),
        F.coalesce(filled(F.get(artist_mbids, F.lit(0))), artist).alias("artist_id"),
    ]


def _time(text: Column) -> Column:
    """Read seconds since 1970 or an ISO time.

    A time without a zone is UTC.
    """
    seconds = F.when(text.rlike(r"^\d{1,11}$"), F.timestamp_seconds(text.cast("bigint")))
    return F.coalesce(seconds, F.when(text.rlike(ISO_TIME), F.try_to_timestamp(text)))
