"""``Last.fm_data.csv``: one line per play, with times in UTC.

Columns: user, artist, track, album, day and minute. There are no ids, so tracks are known by artist
and name. A name with a line break in it is not read.
"""

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.identity.name_keys import artist_key, name_key
from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, filled, without_repeats
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.lines import Layout, line_faults, read_lines

NAMES = Names(
    anywhere(r"Last[._ ]?fm[_ ]data.*\.csv(\.gz)?"), "Last.fm_data.csv, plain, .gz or in a zip"
)
LAYOUT = Layout("a table of plays", header=",Username,Artist,Track,Album,Date,Time")
COLUMNS = "number string, user string, artist string, track string, album string, day string, "
SCHEMA = COLUMNS + "minute string, broken string"
CSV = {"escape": '"', "columnNameOfCorruptRecord": "broken"}
TIME_FORMAT = "dd MMM yyyy HH:mm"


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per line, each with weight 1."""
    entries = read_lines(spark, inbox.files, LAYOUT)
    inbox.without(entries.left_out)
    parsed = entries.frame.withColumn("_line", F.from_csv("text", SCHEMA, CSV)).select(
        "file",
        "line",
        "text",
        "copy_of",
        F.col("_line.broken").alias("_broken"),
        filled("_line.user").alias("listener_key"),
        filled("_line.artist").alias("artist_name"),
        artist_key(filled("_line.artist")).alias("artist_id"),
        filled("_line.track").alias("track_name"),
        name_key(filled("_line.artist"), filled("_line.track")).alias("track_key"),
        F.try_to_timestamp(
            F.concat_ws(" ", filled("_line.day"), filled("_line.minute")), F.lit(TIME_FORMAT)
        ).alias("played_at"),
        F.lit(1).alias("weight"),
    )
    once = without_repeats(as_events(parsed, _faults()), entries.counted)
    return Reading(once, entries.counted, entries.left_out)


def _faults() -> dict[str, Column]:
    return line_faults(LAYOUT) | {
        "fields_wrong": F.col("_broken").isNotNull(),
        "listener_missing": F.col("listener_key").isNull(),
        "track_id_missing": F.col("track_key").isNull(),
        "time_unparsable": F.col("played_at").isNull(),
    }
