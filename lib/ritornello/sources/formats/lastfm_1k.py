"""Last.fm-1K: one tab-separated line per play, times in UTC, no header.

The six columns are listener, time, artist id, artist, track id and track. Many tracks have no id;
by the protocol of the papers only events with one are plays.
"""

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.identity.name_keys import artist_key, name_key
from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, filled
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.lines import Layout, line_faults, read_lines

NAMES = Names(
    anywhere(r"userid-timestamp-artid-artname-traid-traname.*\.tsv(\.gz)?"),
    "userid-timestamp-artid-artname-traid-traname.tsv, plain, .gz or in a zip",
    {anywhere(r"userid-profile.*\.tsv(\.gz)?"): "who the listeners are, not what they played"},
)
FIELDS = ("listener", "time", "artist_id", "artist_name", "track_id", "track_name")
TIME_FORMAT = "yyyy-MM-dd'T'HH:mm:ss'Z'"


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per line.

    ``track_key`` is the track's id, or artist and name if the settings say so.
    """
    fields = F.split("text", "\t", -1)
    layout = Layout("six tab-separated fields", fits=F.size(fields) == len(FIELDS))
    entries = read_lines(spark, inbox.files, layout)
    inbox.without(entries.left_out)
    parsed = entries.frame.withColumn("_fields", fields).withColumns(
        {f"_{name}": filled(F.get("_fields", F.lit(n))) for n, name in enumerate(FIELDS)}
    )
    events = as_events(
        parsed.select("file", "line", "text", "copy_of", "_fields", *_columns(settings)),
        line_faults(layout)
        | {
            "fields_wrong": F.size("_fields") != len(FIELDS),
            "listener_missing": F.col("listener_key").isNull(),
            "track_id_missing": F.col("track_key").isNull(),
            "time_unparsable": F.col("played_at").isNull(),
        },
    )
    return Reading(events, entries.counted, entries.left_out)


def _columns(settings: FormatSettings) -> list[Column]:
    return [
        F.col("_listener").alias("listener_key"),
        track_key("_track_id", settings).alias("track_key"),
        F.try_to_timestamp("_time", F.lit(TIME_FORMAT)).alias("played_at"),
        F.lit(1).alias("weight"),
        F.col("_track_name").alias("track_name"),
        F.col("_artist_name").alias("artist_name"),
        F.coalesce("_artist_id", artist_key("_artist_name")).alias("artist_id"),
    ]


def track_key(track_id: str, settings: FormatSettings) -> Column:
    """Return the id, or artist and track name where there is none.

    The names are used only with ``without_track_id: names``.
    """
    if settings.without_track_id == "reject":
        return F.col(track_id)
    return F.coalesce(track_id, name_key("_artist_name", "_track_name"))
