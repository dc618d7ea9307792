"""A plain table of plays, as CSV or Parquet.

A row has a listener, an item or its names, and a time, in columns of any order. They are recognised by
their names, or named by the settings ``formats.columns``. A CSV file has a header and is separated by
commas, semicolons, tabs or bars. A name with a line break in it is not read.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, FloatType

from ritornello.identity.name_keys import artist_key, name_key
from ritornello.settings.intake import ColumnNames, FormatSettings
from ritornello.sources.archives import first_line, first_text
from ritornello.sources.entries import (
    Reading,
    as_events,
    filled,
    seconds_since_1970,
    without_repeats,
)
from ritornello.sources.files import InputFile, literal
from ritornello.sources.formats.table_columns import Columns, columns_of
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.left_out import LeftOut, refused
from ritornello.sources.lines import Layout, line_faults, read_lines

NAMES = Names(
    anywhere(r".+\.((csv|tsv|txt)(\.gz)?|parquet)"),
    "a table as .csv, .tsv, .txt or .parquet with a column for the time, one for the item or its "
    "name, and one for the listener",
)
SEPARATORS = (",", ";", "\t", "|")


def fits(head: bytes) -> bool:
    """Return whether the first line names a listener, an item and a time.

    A Parquet file may always fit: its columns are named at its end.
    """
    if head.startswith(b"PAR1"):
        return True
    names = _split(first_line(head))[0]
    columns = columns_of(names, ColumnNames())
    return columns.suffice and columns.listener >= 0


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per row, each with weight 1 unless a column says otherwise."""
    alike: dict[str, list[InputFile]] = defaultdict(list)
    left_out: list[LeftOut] = []
    parquet = [file for file in inbox.files if file.name.lower().endswith(".parquet")]
    for file in inbox.files:
        if file not in parquet:
            alike[first_line(first_text(file, inbox.staging))].append(file)
    frames: list[DataFrame] = []
    counted: dict[str, int] = {}
    for header, files in alike.items():
        names, separator = _split(header)
        columns = columns_of(names, settings.columns)
        if not columns.suffice:
            left_out += [refused(file.name, _missing(names)) for file in files]
            continue
        layout = Layout("a table of plays", header=header)
        entries = read_lines(spark, files, layout)
        frames.append(_of_lines(entries.frame, names, separator, columns, layout, settings))
        counted |= entries.counted
        left_out += entries.left_out
    for file in parquet:
        frame = spark.read.parquet(literal(file.path))
        columns = columns_of(frame.columns, settings.columns)
        if not columns.suffice:
            left_out.append(refused(file.name, _missing(frame.columns)))
            continue
        frames.append(_of_rows(frame, file, columns, settings))
        counted[file.name] = frame.count()
    inbox.without(left_out)
    events = reduce(DataFrame.unionByName, frames)
    return Reading(without_repeats(events, counted), counted, tuple(left_out))


def _split(header: str) -> tuple[list[str], str]:
    """Return the names of the columns, and the separator that gives most of them."""
    separator = max(SEPARATORS, key=header.count)
    return [name.strip().strip('"').strip() for name in header.split(separator)], separator


def _missing(names: Sequence[str]) -> str:
    return (
        f"its columns are {', '.join(names)[:200]}, and no time, or neither an item nor a name, is "
        "recognised among them: set formats.columns.time, .item or .name with --set"
    )


def _of_lines(
    frame: DataFrame,
    names: Sequence[str],
    separator: str,
    columns: Columns,
    layout: Layout,
    settings: FormatSettings,
) -> DataFrame:
    schema = ", ".join(f"c{nth} string" for nth in range(len(names))) + ", broken string"
    options = {"escape": '"', "sep": separator, "columnNameOfCorruptRecord": "broken"}
    parsed = frame.withColumn("_line", F.from_csv("text", schema, options))
    faults = line_faults(layout) | {"fields_wrong": F.col("_line.broken").isNotNull()}
    return _events(parsed, lambda place: F.col(f"_line.c{place}"), columns, faults, settings)


def _of_rows(
    frame: DataFrame, file: InputFile, columns: Columns, settings: FormatSettings
) -> DataFrame:
    names = frame.columns
    parsed = frame.select(
        F.lit(file.name).alias("file"),
        (F.col("_metadata.row_index") + 1).alias("line"),
        F.to_json(F.struct(*(F.col(f"`{name}`") for name in names))).alias("text"),
        F.lit(None).cast("string").alias("copy_of"),
        *(_as_text(frame, name).alias(f"c{nth}") for nth, name in enumerate(names)),
    )
    return _events(parsed, lambda place: F.col(f"c{place}"), columns, {}, settings)


def _as_text(frame: DataFrame, name: str) -> Column:
    """Write a column as text, whole numbers without a point.

    A table's ids become floats as soon as one of them is missing: 42.0 is 42.
    """
    column = F.col(f"`{name}`")
    if not isinstance(frame.schema[name].dataType, FloatType | DoubleType):
        return column.cast("string")
    whole = F.when(column == F.floor(column), column.cast("decimal(38,0)").cast("string"))
    return F.when(~F.isnan(column), F.coalesce(whole, column.cast("string")))


def _events(
    parsed: DataFrame,
    field_at: Callable[[int], Column],
    columns: Columns,
    faults: Mapping[str, Column],
    settings: FormatSettings,
) -> DataFrame:
    def text(place: int) -> Column:
        return filled(field_at(place)) if place >= 0 else F.lit(None).cast("string")

    listener = F.coalesce(text(columns.listener), F.lit(settings.listener))
    artist, name = text(columns.artist), text(columns.name)
    by_name = name_key(artist, name) if columns.artist >= 0 else name
    key = text(columns.item) if columns.item >= 0 else by_name
    weight = text(columns.weight)
    named = {
        "listener_key": listener,
        "artist_name": artist,
        "artist_id": artist_key(artist) if columns.artist >= 0 else F.lit(None).cast("string"),
        "track_name": name,
        "track_key": key,
        "played_at": _time(text(columns.time), settings.time_format),
        "weight": F.lit(1) if columns.weight < 0 else _weight(weight),
    }
    events = parsed.select(
        *("file", "line", "text", "copy_of"),
        *(column.alias(name) for name, column in named.items()),
        *(fault.alias(f"_{why}") for why, fault in faults.items()),
    )
    judged = {why: F.col(f"_{why}") for why in faults} | {
        "listener_missing": F.col("listener_key").isNull(),
        "track_id_missing": F.col("track_key").isNull(),
        "time_unparsable": F.col("played_at").isNull(),
        "weight_wrong": F.col("weight").isNull(),
    }
    return as_events(events, judged)


def _weight(text: Column) -> Column:
    """Read a whole number other than 0, with or without a sign."""
    value = F.when(text.rlike(r"^[+-]?\d{1,9}(\.0+)?$"), text.cast("double").cast("int"))
    return F.when(value != 0, value)


def _time(text: Column, pattern: str | None) -> Column:
    """Read a number since 1970, an ISO day or instant, or the pattern.

    The number of digits decides between seconds, milliseconds, microseconds and nanoseconds.
    """
    if pattern is not None:
        return F.try_to_timestamp(text, F.lit(pattern))

    def number(digits: str) -> Column:
        return F.when(text.rlike(rf"^\d{{{digits}}}$"), text.cast("bigint"))

    return F.coalesce(
        seconds_since_1970(F.regexp_extract(text, r"^(\d{1,11})(\.\d*)?$", 1)),
        F.timestamp_millis(number("12,14")),
        F.timestamp_micros(number("15,17")),
        F.timestamp_micros(F.floor(number("18,19") / 1000)),
        F.when(text.rlike(r"^\d{4}-\d\d?-\d\d?"), F.try_to_timestamp(text)),
    )
