"""Yandex Music Event of 2019-02-16: the table ``user_events``, comma-separated, with a header.

Items are tracks, albums, artists and more; only tracks are read. Likes count 2, plays 1, skips -1
and dislikes -2, as in the papers' protocol. The release has no names.
"""

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, seconds_since_1970, whole_number
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.lines import Layout, line_faults, read_lines

NAMES = Names(
    anywhere(r"user_events[^.]*(\.csv)?(\.gz)?"),
    "user_events, user_events.csv or parts of it, plain, .gz or in a zip",
)
COLUMNS = ("userId", "itemType", "itemId", "event", "unixtime")
LAYOUT = Layout("the table user_events", header=",".join(COLUMNS))
WEIGHTS = {"like": 2, "play": 1, "skip": -1, "dislike": -2}


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per line, with the source's numbers as keys."""
    entries = read_lines(spark, inbox.files, LAYOUT)
    inbox.without(entries.left_out)
    fields = entries.frame.withColumn("_fields", F.split("text", ",", -1))
    parsed = fields.select(
        "file",
        "line",
        "text",
        "copy_of",
        "_fields",
        _field("itemType").alias("_type"),
        _field("event").alias("_event"),
        _field("userId").alias("_listener"),
        whole_number(_field("userId")).cast("string").alias("listener_key"),
        whole_number(_field("itemId")).cast("string").alias("track_key"),
        seconds_since_1970(_field("unixtime")).alias("played_at"),
        _weight(_field("event")).alias("weight"),
    )
    events = as_events(parsed, _faults())
    return Reading(events, entries.counted, entries.left_out, has_artists=False)


def _faults() -> dict[str, Column]:
    return line_faults(LAYOUT) | {
        "fields_wrong": F.size("_fields") != len(COLUMNS),
        "not_a_track": F.col("_type") != "track",
        "event_unknown": F.col("weight").isNull(),
        "listener_missing": F.col("_listener") == "",
        "listener_wrong": F.col("listener_key").isNull(),
        "track_wrong": F.col("track_key").isNull(),
        "time_unparsable": F.col("played_at").isNull(),
    }


def _field(name: str) -> Column:
    return F.trim(F.get("_fields", F.lit(COLUMNS.index(name))))


def _weight(event: Column) -> Column:
    weights = (F.lit(part) for pair in WEIGHTS.items() for part in pair)
    return F.create_map(*weights)[event]
