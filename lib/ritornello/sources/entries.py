"""What every adapter starts from and ends with, and the reasons why an entry is no play.

An entry is a line of a text file, an element of a JSON list or a row of a parquet file. Adapters
start from (file, line, text, copy_of) and end with ``EVENTS``, a row per entry: none gets lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.sources.files import InputFile

REASONS = (
    "same_file_twice",  # a file with the same entries was read under another name
    "header",
    "blank",
    "encoding_wrong",  # not UTF-8
    "json_malformed",
    "fields_wrong",  # too few or too many, or a quote that is not closed
    "not_a_track",  # an album, an artist, a podcast
    "event_unknown",
    "listener_missing",
    "listener_wrong",  # not a number of this format's range
    "track_id_missing",
    "track_wrong",
    "time_unparsable",
    "weight_wrong",  # the share or length of listening cannot be read
    "artist_wrong",
    "id_missing",
    "list_wrong",  # not a list of texts as Python writes it
    "number_wrong",  # not a number, or out of its range
    "id_twice",  # an earlier line has the same id
)
HASH_SEEDS = (42, 7)
NOT_QUARANTINED = ("header", "blank")
EVENTS = (
    "file",
    "line",
    "text",
    "reason",
    "listener_key",
    "track_key",
    "played_at",
    "weight",
    "track_name",
    "artist_name",
    "artist_id",
)


@dataclass(frozen=True)
class Entries:
    """``frame`` has file, line (from 1), text and copy_of; ``counted`` the entries of each file.

    The counts come from a pass of their own.
    """

    frame: DataFrame
    counted: Mapping[str, int]


@dataclass(frozen=True)
class Reading:
    """The events of all files of a folder; ``has_artists`` says whether any artist is known.

    ``track_artists`` (track_key, artist_id) is there where artists stand in a file of their own.
    """

    events: DataFrame
    counted: Mapping[str, int]
    has_artists: bool = True
    track_artists: DataFrame | None = None


def first_reason(found: Mapping[str, Column]) -> Column:
    """The first reason of ``REASONS`` that applies, null for none; an unknown is no reason."""
    assert set(found) <= set(REASONS)
    return F.coalesce(
        *(F.when(found[reason], F.lit(reason)) for reason in REASONS if reason in found)
    )


def with_reason(parsed: DataFrame, found: Mapping[str, Column]) -> DataFrame:
    """Add ``reason``; that the file came before is the first of all."""
    every = {"same_file_twice": F.col("copy_of").isNotNull(), **found}
    return parsed.withColumn("reason", first_reason(every))


def as_events(parsed: DataFrame, found: Mapping[str, Column]) -> DataFrame:
    """One row per entry with ``EVENTS``; a column that is not there is null."""
    judged = with_reason(parsed, found)
    missing = [name for name in EVENTS if name not in judged.columns]
    return judged.withColumns({name: F.lit(None).cast("string") for name in missing}).select(
        *EVENTS
    )


def is_utf8(column: str) -> Column:
    """Whether the bytes come back unchanged from being read as UTF-8."""
    raw = F.col(column).cast("binary")
    return F.encode(F.decode(raw, "UTF-8"), "UTF-8") == raw


def filled(column: Column | str) -> Column:
    """The text without spaces around it, null where nothing is left."""
    trimmed = F.trim(column)
    return F.when(trimmed != "", trimmed)


def name_key(artist: Column | str, track: Column | str) -> Column:
    """The key of a track without an id: artist, tab, track; null where either name is missing."""
    return F.concat(artist, F.lit("\t"), track)


def whole_number(text: Column | str) -> Column:
    """A number from 0 to the largest int32; anything else is null."""
    column = F.col(text) if isinstance(text, str) else text
    return F.when(column.rlike(r"^\d{1,10}$"), column.cast("bigint").cast("string").cast("int"))


def hash_sums(*columns: str) -> list[Column]:
    """Two sums of 64 bits over the rows of a group: equal by chance only once in 2**128."""
    return [F.sum(F.xxhash64(F.lit(seed), *columns)).alias(f"hash_{seed}") for seed in HASH_SEEDS]


def copies(digests: Mapping[str, object], files: Iterable[InputFile]) -> dict[str, str]:
    """By name of a file: the file with the same digest that comes before it by name."""
    first: dict[object, str] = {}
    told: dict[str, str] = {}
    for name in sorted(one.name for one in files):
        digest = digests.get(name)
        if digest in first:
            told[name] = first[digest]
        elif digest is not None:
            first[digest] = name
    return told
