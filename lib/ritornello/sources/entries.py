"""The start and end of every adapter, and why entries are not plays.

An entry is a line of a text file, an element of a JSON list or a row of a parquet file. An adapter
starts from (file, line, text, copy_of) and ends with ``EVENTS``, one row per entry. No entry is
lost.
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
    """The entries of all files of a folder.

    ``frame`` has file, line (from 1), text and copy_of. ``counted`` has the number of entries of
    each file, from a pass of its own.
    """

    frame: DataFrame
    counted: Mapping[str, int]


@dataclass(frozen=True)
class Reading:
    """The events of all files of a folder.

    ``has_artists`` says whether any artist is known. ``track_artists`` (track_key, artist_id) is
    set where the artists are in a file of their own.
    """

    events: DataFrame
    counted: Mapping[str, int]
    has_artists: bool = True
    track_artists: DataFrame | None = None


def first_reason(faults: Mapping[str, Column]) -> Column:
    """Return the first of ``REASONS`` that applies, or null.

    A fault that is null does not apply.
    """
    assert set(faults) <= set(REASONS)
    return F.coalesce(
        *(F.when(faults[reason], F.lit(reason)) for reason in REASONS if reason in faults)
    )


def with_reason(parsed: DataFrame, faults: Mapping[str, Column]) -> DataFrame:
    """Add ``reason``, the first fault of each entry.

    ``same_file_twice`` comes before all other faults.
    """
    every = {"same_file_twice": F.col("copy_of").isNotNull(), **faults}
    return parsed.withColumn("reason", first_reason(every))


def as_events(parsed: DataFrame, faults: Mapping[str, Column]) -> DataFrame:
    """One row per entry with the columns ``EVENTS``.

    Columns that ``parsed`` lacks are null.
    """
    judged = with_reason(parsed, faults)
    missing = [name for name in EVENTS if name not in judged.columns]
    return judged.withColumns({name: F.lit(None).cast("string") for name in missing}).select(
        *EVENTS
    )


def is_utf8(column: str) -> Column:
    """Return whether the bytes are valid UTF-8.

    They are if decoding and encoding them again changes nothing.
    """
    raw = F.col(column).cast("binary")
    return F.encode(F.decode(raw, "UTF-8"), "UTF-8") == raw


def filled(column: Column | str) -> Column:
    """Trim the text, and return null where nothing is left."""
    trimmed = F.trim(column)
    return F.when(trimmed != "", trimmed)


def name_key(artist: Column | str, track: Column | str) -> Column:
    """Build the key of a track without an id from its names.

    The key is artist, tab, track. It is null where either name is missing.
    """
    return F.concat(artist, F.lit("\t"), track)


def whole_number(text: Column | str) -> Column:
    """Read a number from 0 to the largest int32.

    Anything else is null.
    """
    column = F.col(text) if isinstance(text, str) else text
    return F.when(column.rlike(r"^\d{1,10}$"), column.cast("bigint").cast("string").cast("int"))


def hash_sums(*columns: str) -> list[Column]:
    """Sum two 64-bit hashes over the rows of a group.

    The sums of different rows are equal by chance only once in 2**128.
    """
    return [F.sum(F.xxhash64(F.lit(seed), *columns)).alias(f"hash_{seed}") for seed in HASH_SEEDS]


def copies(digests: Mapping[str, object], files: Iterable[InputFile]) -> dict[str, str]:
    """Map each repeated file to the first file with the same digest.

    The first is the first by name. Files without a digest are skipped.
    """
    first: dict[object, str] = {}
    originals: dict[str, str] = {}
    for name in sorted(one.name for one in files):
        digest = digests.get(name)
        if digest in first:
            originals[name] = first[digest]
        elif digest is not None:
            first[digest] = name
    return originals
