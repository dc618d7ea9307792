"""A person's account export: ``StreamingHistory*.json``, or the extended history.

The time of a play is the one in the file: the minute (short form) or second (extended) at which it
ended. A short play is a skip with weight -1, unless the file says that it reached the track's end.
The short form has no ids: its tracks are known by artist and name. Who listened is decided in
export_folders.py.
"""

from collections.abc import Mapping

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.identity.export_folders import check_one_kind, file_owners, folder_owner
from ritornello.identity.name_keys import artist_key, name_key
from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, filled, without_overlaps, without_repeats
from ritornello.sources.formats.json_lists import read_elements
from ritornello.sources.inbox import Inbox, Names, anywhere

KINDS = "the short and the extended history"
NAMES = Names(
    anywhere(r"(StreamingHistory|Streaming_History_Audio|endsong).*\.json(\.gz)?"),
    "StreamingHistory*.json, Streaming_History_Audio_*.json or endsong*.json, plain, .gz or in a zip",
    {
        anywhere(r"Streaming_?History_?Video.*"): "videos, not plays of tracks",
        anywhere(r"StreamingHistory_(podcast|audiobook).*"): "podcasts or audiobooks, not tracks",
        anywhere(
            r"(Userdata|Playlist|YourLibrary|SearchQueries|Inferences|Marquee|Follow|Payments"
            r"|Identifiers|Identity|YourSoundCapsule|DuoNewFamily|Wrapped).*\.json"
            r"|Read_?Me_?First.*"
        ): "account data, not a listening history",
    },
)
REQUIRED = {"$.endTime": "endTime", "$.ts": "ts"}
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
    "reason_end",
)
HEARD_TO_END = "trackdone"


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per element of the lists."""

    def owners(accounts: Mapping[str, str | None]) -> Mapping[str, str | None]:
        return _owners(accounts, root=inbox.folder, listener=settings.listener)

    entries = read_elements(
        spark, inbox.files, required=REQUIRED, owners=owners, account="$.username"
    )
    inbox.without(entries.left_out)
    schema = ", ".join(f"{name} string" for name in FIELDS)
    parsed = entries.frame.withColumn("_play", F.from_json("text", schema))
    events = as_events(
        parsed.select("*", *_columns(settings)),
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
    once = without_overlaps(without_repeats(events, entries.counted))
    return Reading(once, entries.counted, entries.left_out)


def _owners(
    accounts: Mapping[str, str | None], *, root: str, listener: str | None
) -> dict[str, str]:
    """Return the listener of each file, after the checks of what lies together."""
    if not listener:
        folders = {name: folder_owner(name, root=root) for name in accounts}
        check_one_kind(folders, root=root, is_short=_is_short, kinds=KINDS)
    owners = file_owners(accounts, root=root, listener=listener)
    check_one_kind(owners, root=root, is_short=_is_short, kinds=KINDS)
    return owners


def _is_short(name: str) -> bool:
    return name.rsplit("/", 1)[-1].lower().startswith("streaminghistory")


def _columns(settings: FormatSettings) -> list[Column]:
    artist = filled(_either("artistName", "master_metadata_album_artist_name"))
    track = filled(_either("trackName", "master_metadata_track_name"))
    track_id = F.regexp_extract("_play.spotify_track_uri", r"^spotify:track:(\w+)$", 1)
    known = F.when(track_id != "", track_id)
    by_name = F.col("_play.endTime").isNotNull() | F.lit(settings.without_track_id == "names")
    return [
        F.col("owner").alias("listener_key"),
        known.alias("_track_id"),
        F.coalesce(known, F.when(by_name, name_key(artist, track))).alias("track_key"),
        F.coalesce(
            F.try_to_timestamp("_play.ts", F.lit(EXTENDED_TIME)),
            F.try_to_timestamp("_play.endTime", F.lit(SHORT_TIME)),
        ).alias("played_at"),
        _weight(settings).alias("weight"),
        _least_gap().alias("least_gap"),
        track.alias("track_name"),
        artist.alias("artist_name"),
        artist_key(artist).alias("artist_id"),
    ]


def _seconds() -> Column:
    """Return the length of the play, or null where it cannot be read."""
    played = _either("msPlayed", "ms_played")
    return F.when(played.rlike(r"^\d{1,15}$"), played.cast("bigint")) / 1000


def _least_gap() -> Column:
    """Return the shortest true time between the ends of two plays.

    It is half the play, less the step of the clock. Half, because a track that fades into itself
    overlaps a little.
    """
    step = F.when(F.col("_play.endTime").isNotNull(), F.lit(60)).otherwise(F.lit(1))
    return _seconds() / 2 - step


def _weight(settings: FormatSettings) -> Column:
    """Return 1, or -1 for a skip.

    A skip is a short play that did not reach the end of its track. The weight is null where the
    length of the play cannot be read.
    """
    seconds = _seconds()
    to_its_end = F.col("_play.reason_end").eqNullSafe(HEARD_TO_END) & (seconds > 0)
    is_skip = (seconds < settings.min_play_seconds) & ~to_its_end
    return F.when(is_skip, F.lit(-1)).when(seconds.isNotNull(), F.lit(1))


def _either(short: str, extended: str) -> Column:
    return F.coalesce(f"_play.{short}", f"_play.{extended}")
