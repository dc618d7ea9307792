"""A person's account export: ``StreamingHistory*.json``, or the extended history.

One folder is one listener; of several sub-folders each is a listener. The time of a play is the one
in the file: the minute (short form) or second (extended) at which it ended. A short play is a skip
with weight -1. The short form has no ids: its tracks are known by artist and name.
"""

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import BadInputError
from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, filled, name_key
from ritornello.sources.files import InputFile, list_files, pick
from ritornello.sources.formats.json_lists import read_elements

SHORT = r"StreamingHistory\S*\.json"
EXTENDED = r"(Streaming_History_Audio|endsong)_\S*\.json"
SHORT_TIME, EXTENDED_TIME = "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss'Z'"
FIELDS = (
    "endTime",
    "artistName",
    "trackName",
    "msPlayed",
    "ts",
    "ms_played",
    "master_metadata_track_name",
    "master_metadata_album_artist_name",
    "spotify_track_uri",
)


def read(spark: SparkSession, folder: str, settings: FormatSettings) -> Reading:
    """Read one event per element of the lists."""
    expected = "StreamingHistory*.json or Streaming_History_Audio_*.json"
    files = pick(list_files(spark, folder), f"{SHORT}|{EXTENDED}", folder=folder, expected=expected)
    _check_one_kind(files, folder)
    entries = read_elements(
        spark, files, required=("endTime", "ts"), expected="a list of plays with endTime or ts"
    )
    schema = ", ".join(f"{name} string" for name in FIELDS)
    parsed = entries.frame.withColumn("_play", F.from_json("text", schema))
    alone = settings.listener or folder.rstrip("/").rsplit("/", 1)[-1]
    events = as_events(
        parsed.select("*", *_columns(alone, settings)),
        {
            "blank": F.col("fault") == "blank",
            "encoding_wrong": F.col("fault") == "encoding_wrong",
            "json_malformed": F.col("fault") == "json_malformed",
            "not_a_track": F.col("track_name").isNull() & F.col("_track_id").isNull(),
            "track_id_missing": F.col("track_key").isNull(),
            "time_unparsable": F.col("played_at").isNull(),
            "weight_wrong": F.col("weight").isNull(),
        },
    )
    return Reading(events, entries.counted)


def _check_one_kind(files: list[InputFile], folder: str) -> None:
    """Refuse a folder that mixes the short and the extended history.

    The extended history repeats the short one, so both together would count plays twice.
    """
    kinds: dict[str, set[bool]] = {}
    for file in files:
        short = file.name.rsplit("/", 1)[-1].startswith("StreamingHistory")
        kinds.setdefault(file.name.rpartition("/")[0].partition("/")[0], set()).add(short)
    for below, forms in sorted(kinds.items()):
        if len(forms) > 1:
            raise BadInputError(
                f"{folder}/{below}".rstrip("/") + ": holds the short and the extended history of "
                "one listener; convert a folder that has only one of them"
            )


def _columns(alone: str, settings: FormatSettings) -> list[Column]:
    artist = filled(_either("artistName", "master_metadata_album_artist_name"))
    track = filled(_either("trackName", "master_metadata_track_name"))
    track_id = F.regexp_extract("_play.spotify_track_uri", r"^spotify:track:(\w+)$", 1)
    known = F.when(track_id != "", track_id)
    by_name = F.col("_play.endTime").isNotNull() | F.lit(settings.without_track_id == "names")
    return [
        F.when(F.instr("file", "/") > 0, F.substring_index("file", "/", 1))
        .otherwise(F.lit(alone))
        .alias("listener_key"),
        known.alias("_track_id"),
        F.coalesce(known, F.when(by_name, name_key(artist, track))).alias("track_key"),
        F.coalesce(
            F.try_to_timestamp("_play.ts", F.lit(EXTENDED_TIME)),
            F.try_to_timestamp("_play.endTime", F.lit(SHORT_TIME)),
        ).alias("played_at"),
        _weight(settings).alias("weight"),
        track.alias("track_name"),
        artist.alias("artist_name"),
        artist.alias("artist_id"),
    ]


def _weight(settings: FormatSettings) -> Column:
    """Return 1, or -1 for a skip.

    It is null where the length of the play cannot be read.
    """
    played = _either("msPlayed", "ms_played")
    seconds = F.when(played.rlike(r"^\d{1,15}$"), played.cast("bigint")) / 1000
    return F.when(seconds < settings.min_play_seconds, F.lit(-1)).when(
        seconds.isNotNull(), F.lit(1)
    )


def _either(short: str, extended: str) -> Column:
    return F.coalesce(f"_play.{short}", f"_play.{extended}")
