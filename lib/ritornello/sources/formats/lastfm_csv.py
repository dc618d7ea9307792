"""Tables of Last.fm plays, one line per play, with times in UTC.

Three layouts are read: the table with ``Username``, the export with ``uts``, and the export without a
header (artist, album, track, time). Tracks are known by artist and name, because few have an id. The
last two are of one account: the setting ``formats.listener`` names it, else the file's name, else the
folder. A name with a line break in it is not read.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.identity.export_folders import check_one_kind, folder_owner
from ritornello.identity.name_keys import artist_key, name_key
from ritornello.settings.intake import FormatSettings
from ritornello.sources.archives import first_line, first_text
from ritornello.sources.entries import (
    Entries,
    Reading,
    as_events,
    filled,
    seconds_since_1970,
    without_overlaps,
    without_repeats,
)
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.left_out import LeftOut
from ritornello.sources.lines import Layout, line_faults, read_lines

NAMES = Names(
    anywhere(r".+\.csv(\.gz)?"),
    "Last.fm plays as .csv, plain, .gz or in a zip",
)
CSV = {"escape": '"', "columnNameOfCorruptRecord": "broken"}
TIMES = ("dd MMM yyyy HH:mm", "dd MMM yyyy, HH:mm")
TIME_AT_END = r'\d\d [A-Z][a-z]{2} \d{4},? \d\d:\d\d"?\s*$'
ENDING = (
    r"([\s_-]*\(\d+\)|[\s_-]+copy)?\.csv(\.gz)?$"  # the sign of a copy says nothing of the account
)
EXPORTER = r"^(recent ?tracks|scrobbles|last\.?fm)(?![a-z])[-_ ]*"
SECONDS = r"(^|[-_ ])\d{10}$"  # when the exporter was run, after its own name
KINDS = "an export to the minute and one to the second"


@dataclass(frozen=True)
class Table:
    """The columns of one layout, and which of them hold the time.

    ``header`` says whether the first line names them.
    """

    columns: tuple[str, ...]
    time: tuple[str, ...]
    header: bool = True

    def fits(self, first_line: str) -> bool:
        """Return whether the file's first line is this header, quoted or not."""
        return self.header and first_line.replace('"', "") == ",".join(self.columns)


TABLES = (
    Table(("", "Username", "Artist", "Track", "Album", "Date", "Time"), ("Date", "Time")),
    Table(
        ("uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid"),
        ("uts",),
    ),
)
WITHOUT_HEADER = Table(("artist", "album", "track", "time"), ("time",), header=False)
EXPECTED = "artist,album,track,01 Feb 2024 22:02, or one of the headers " + " and ".join(
    repr(",".join(one.columns)) for one in TABLES
)


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per line, each with weight 1."""
    owners = {
        file.name: settings.listener or file_owner(file.name, root=inbox.folder)
        for file in inbox.files
    }
    alike = defaultdict(list)
    tables: dict[str, Table] = {}
    for file in inbox.files:
        line = first_line(first_text(file, inbox.staging))
        table = next((one for one in TABLES if one.fits(line)), WITHOUT_HEADER)
        alike[table, line if table.header else None].append(file)
        tables[file.name] = table
    of_accounts = {
        name: owners[name] for name, one in tables.items() if "Username" not in one.columns
    }
    check_one_kind(
        of_accounts,
        root=inbox.folder,
        is_short=lambda name: tables[name] == WITHOUT_HEADER,
        kinds=KINDS,
    )
    frames: list[DataFrame] = []
    counted: dict[str, int] = {}
    left_out: list[LeftOut] = []
    for (table, header), files in alike.items():
        layout = _layout(table, header)
        entries = read_lines(spark, files, layout, owners=owners)
        frames.append(_events(entries, table, layout, settings))
        counted |= entries.counted
        left_out += entries.left_out
    inbox.without(left_out)
    events = reduce(DataFrame.unionByName, frames)
    once = without_overlaps(without_repeats(events, counted))
    return Reading(once, counted, tuple(left_out))


def fits(head: bytes) -> bool:
    """Return whether the first line is of one of the layouts."""
    line = first_line(head)
    return any(one.fits(line) for one in TABLES) or bool(re.search(TIME_AT_END, line))


def file_owner(name: str, *, root: str) -> str | None:
    """Return the account in a file's name, else the owner of its folder.

    ``recenttracks-mira-1700000000.csv`` is of mira, and so is ``mira (1).csv``.
    """
    bare = re.sub(ENDING, "", name.rpartition("/")[2], flags=re.IGNORECASE).strip()
    account = re.sub(EXPORTER, "", bare, flags=re.IGNORECASE)
    if account != bare:
        account = re.sub(SECONDS, "", account)
    return account.strip() or folder_owner(name, root=root)


def _layout(table: Table, header: str | None) -> Layout:
    if header is not None:
        return Layout("a table of plays", header=header)
    return Layout(EXPECTED, fits=F.col("text").rlike(TIME_AT_END))


def _events(entries: Entries, table: Table, layout: Layout, settings: FormatSettings) -> DataFrame:
    fields = [name.lower() or "number" for name in table.columns]
    schema = ", ".join(f"{name} string" for name in (*fields, "broken"))
    parsed = entries.frame.withColumn("_line", F.from_csv("text", schema, CSV))
    artist, track = filled("_line.artist"), filled("_line.track")
    listener = filled("_line.username") if "username" in fields else F.col("owner")
    columns = {
        "_broken": F.col("_line.broken"),
        "listener_key": listener,
        "artist_name": artist,
        "artist_id": artist_key(artist),
        "track_name": track,
        "track_key": name_key(artist, track),
        "played_at": _time(table),
        "weight": F.lit(1),
        "least_gap": F.lit(settings.min_play_seconds),
    }
    named = [column.alias(name) for name, column in columns.items()]
    return as_events(
        parsed.select("file", "line", "text", "copy_of", *named),
        line_faults(layout)
        | {
            "fields_wrong": F.col("_broken").isNotNull(),
            "listener_missing": F.col("listener_key").isNull(),
            "track_id_missing": F.col("track_key").isNull(),
            "time_unparsable": F.col("played_at").isNull(),
        },
    )


def _time(table: Table) -> Column:
    text = F.concat_ws(" ", *(filled(f"_line.{name.lower()}") for name in table.time))
    return F.coalesce(
        seconds_since_1970(text), *(F.try_to_timestamp(text, F.lit(one)) for one in TIMES)
    )
