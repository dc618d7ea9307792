"""HetRec 2011 Last.fm: play counts by listener and artist, without times.

This is not a listening log, so it has a contract of its own: ``counts.parquet`` (source_user_id,
source_artist_id, plays) and ``artists.parquet`` (source_artist_id, artist_name).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.sources.delivery import staged
from ritornello.sources.entries import filled, whole_number, with_reason
from ritornello.sources.files import InputFile, list_files, pick
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.left_out import LeftOut
from ritornello.sources.lines import Layout, line_faults, read_all_lines, read_lines

COUNTS = Layout("play counts", header="userID\tartistID\tweight")
ARTISTS = Layout("artists", header="id\tname\turl\tpictureURL")
FRIENDS = Layout("friends", header="userID\tfriendID")
TAGS = Layout("tags", header="userID\tartistID\ttagID\tday\tmonth\tyear")
NAMES = Names(
    anywhere(r"(user_)?artists\.dat(\.gz)?"),
    "user_artists.dat and artists.dat, plain or .gz",
    {
        anywhere(r"(user_friends|user_taggedartists(-timestamps)?|tags)\.dat(\.gz)?"): (
            "friends and tags, not counts of plays"
        )
    },
)
JUDGED = ("file", "line", "text", "reason")


@dataclass(frozen=True)
class CountsReading:
    """The counts and artists of a folder, and the entries of each file.

    Both frames have ``reason``, null for lines that are accepted.
    """

    counts: DataFrame
    artists: DataFrame
    counted: Mapping[str, int]
    left_out: tuple[LeftOut, ...]


def read(spark: SparkSession, inbox: Inbox) -> CountsReading:
    """Read ``user_artists.dat`` and ``artists.dat``, one row per line."""
    counts = read_lines(spark, _named(inbox, "user_artists.dat"), COUNTS)
    inbox = inbox.without(counts.left_out)
    artists = read_lines(spark, _named(inbox, "artists.dat"), ARTISTS)
    inbox = inbox.without(artists.left_out)
    for name in ("user_artists.dat", "artists.dat"):
        _named(inbox, name)
    return CountsReading(
        _counts(counts.frame),
        _artists(artists.frame),
        {**counts.counted, **artists.counted},
        (*counts.left_out, *artists.left_out),
    )


def _named(inbox: Inbox, name: str) -> list[InputFile]:
    """Pick the files of one table.

    Raises ``BadInputError`` if there are none.
    """
    files = [one for one in inbox.files if one.name.lower().rpartition("/")[2].startswith(name)]
    if not files:
        raise inbox.error(f"no {name} can be read")
    return files


def read_friends(spark: SparkSession, folder: str) -> DataFrame:
    """One row per line of ``user_friends.dat``.

    Columns: ``JUDGED``, source_user_id, source_friend_id.
    """
    lines = _lines_of(spark, folder, "user_friends", FRIENDS)
    parsed = _parsed(
        lines, source_user_id=whole_number(_field(0)), source_friend_id=whole_number(_field(1))
    )
    wrong = F.col("source_user_id").isNull() | F.col("source_friend_id").isNull()
    faults = line_faults(FRIENDS) | {
        "fields_wrong": F.size("_fields") != 2,
        "listener_wrong": wrong,
    }
    return staged(with_reason(parsed, faults)).select(*JUDGED, "source_user_id", "source_friend_id")


def read_tags(spark: SparkSession, folder: str) -> DataFrame:
    """One row per line of ``user_taggedartists.dat``.

    It says which listener gave which artist which tag, or the reason why it is not read.
    """
    parsed = _parsed(
        _lines_of(spark, folder, "user_taggedartists", TAGS),
        source_user_id=whole_number(_field(0)),
        source_artist_id=whole_number(_field(1)),
        tag_id=whole_number(_field(2)),
    )
    ids = ("source_user_id", "source_artist_id", "tag_id")
    wrong = F.col(ids[0]).isNull() | F.col(ids[1]).isNull() | F.col(ids[2]).isNull()
    faults = line_faults(TAGS) | {"fields_wrong": F.size("_fields") != 6, "number_wrong": wrong}
    return staged(with_reason(parsed, faults)).select(*JUDGED, *ids)


def _lines_of(spark: SparkSession, folder: str, name: str, layout: Layout) -> DataFrame:
    files = pick(
        list_files(spark, folder), rf"{name}\.dat(\.gz)?", folder=folder, expected=f"{name}.dat"
    )
    return read_all_lines(spark, files, layout).frame


def _counts(lines: DataFrame) -> DataFrame:
    """One row per line with a listener, an artist and plays."""
    parsed = _parsed(
        lines,
        source_user_id=whole_number(_field(0)),
        source_artist_id=whole_number(_field(1)),
        plays=whole_number(_field(2)),
    )
    faults = line_faults(COUNTS) | {
        "fields_wrong": F.size("_fields") != 3,
        "listener_wrong": F.col("source_user_id").isNull(),
        "artist_wrong": F.col("source_artist_id").isNull(),
        "weight_wrong": F.coalesce("plays", F.lit(0)) < 1,
    }
    columns = ("source_user_id", "source_artist_id", "plays")
    return staged(with_reason(parsed, faults)).select(*JUDGED, *columns)


def _artists(lines: DataFrame) -> DataFrame:
    """One row per line with an artist and their name."""
    parsed = _parsed(lines, source_artist_id=whole_number(_field(0)), artist_name=filled(_field(1)))
    faults = line_faults(ARTISTS) | {
        "fields_wrong": F.size("_fields") != 4,
        "artist_wrong": F.col("source_artist_id").isNull() | F.col("artist_name").isNull(),
    }
    return staged(with_reason(parsed, faults)).select(*JUDGED, "source_artist_id", "artist_name")


def _parsed(lines: DataFrame, **columns: Column) -> DataFrame:
    return lines.withColumn("_fields", F.split("text", "\t", -1)).withColumns(columns)


def _field(number: int) -> Column:
    return F.trim(F.get("_fields", F.lit(number)))
