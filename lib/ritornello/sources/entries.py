"""The start and end of every adapter, and why entries are not plays.

An entry is a line of a text file, an element of a JSON list or a row of a parquet file. An adapter
starts from (file, line, text, copy_of) and ends with ``EVENTS``, one row per entry. No entry is
lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.sources.files import InputFile
from ritornello.sources.left_out import LeftOut

REASONS = {  # in the order in which they are looked for
    "same_file_twice": "a file with the same entries was read under another name",
    "header": "the line that names the columns",
    "blank": "nothing is in the line or list",
    "encoding_wrong": "not UTF-8",
    "json_malformed": "not a JSON object",
    "fields_wrong": "too few or too many fields, or a quote that is not closed",
    "not_a_track": "an album, an artist, a podcast, or nothing with a name",
    "event_unknown": "an event of another kind",
    "listener_missing": "nothing says who listened",
    "listener_wrong": "the listener is not a number of this format's range",
    "track_id_missing": "the track has no id, and names do not count or are missing",
    "track_wrong": "the track is not a number of this format's range",
    "time_unparsable": "the time cannot be read, or is before 1900 or after 9999",
    "weight_wrong": "the share or length of listening, or the count, cannot be read",
    "artist_wrong": "the artist is not a number of this format's range, or has no name",
    "id_missing": "the id is missing",
    "list_wrong": "not a list of texts as Python writes it",
    "number_wrong": "not a number, or out of its range",
    "id_twice": "an earlier line has the same id",
    "same_play_twice": "another file of the same listener has this play as well",
    "overlaps_a_play": "it cannot have begun so soon after the track's last play",
}
# parquet files can hold earlier instants, but Spark refuses to write them
EARLIEST, LATEST = "1900-01-01 00:00:00", "9999-12-31 23:59:59.999999"
HASH_SEEDS = (42, 7)
NOT_QUARANTINED = ("header", "blank")
LEAST_GAP = "least_gap"
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
    "recording_key",
    "duration_ms",
)
OF_TYPE = {"duration_ms": "bigint"}  # others are text where an adapter does not have them


@dataclass(frozen=True)
class Entries:
    """The entries of all files of a folder.

    ``frame`` has file, line (from 1), text and copy_of. ``counted`` has the number of entries of
    each file, from a pass of its own. ``left_out`` are the files that are not of this format.
    """

    frame: DataFrame
    counted: Mapping[str, int]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The events of all files of a folder.

    ``has_artists`` says whether any artist is known. ``track_artists`` (track_key, artist_id) is
    set where the artists are in a file of their own, which ``counted`` does not have. ``used``
    names such files.
    """

    events: DataFrame
    counted: Mapping[str, int]
    left_out: tuple[LeftOut, ...] = ()
    has_artists: bool = True
    track_artists: DataFrame | None = None
    used: tuple[str, ...] = ()


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

    Columns that ``parsed`` lacks are null. So is an instant that no table can hold. A column
    ``least_gap`` is kept for ``without_overlaps``.
    """
    within = F.col("played_at").between(_instant(EARLIEST), _instant(LATEST))
    timed = parsed.withColumn("played_at", F.when(within, F.col("played_at")))
    judged = with_reason(timed, faults)
    missing = [name for name in EVENTS if name not in judged.columns]
    extra = [LEAST_GAP] if LEAST_GAP in judged.columns else []
    return judged.withColumns(
        {name: F.lit(None).cast(OF_TYPE.get(name, "string")) for name in missing}
    ).select(*EVENTS, *extra)


def _instant(text: str) -> Column:
    return F.lit(text).cast("timestamp")


def without_repeats(events: DataFrame, counted: Mapping[str, int]) -> DataFrame:
    """Mark plays that another file of the same listener has as well.

    Two exports of one account overlap. Where a file has a play n times, n of them stay. The first
    file by name keeps its plays, and the others get ``same_play_twice``. A single file is returned
    as it is.
    """
    if len(counted) < 2:
        return events
    is_play = F.col("reason").isNull()
    other = F.when(~is_play, F.xxhash64("file", "line")).alias("_other")
    play = ("listener_key", "track_key", "played_at", "weight", "_other")
    in_file = Window.partitionBy(*play, "file").orderBy("line")
    across = Window.partitionBy(*play, "_nth").orderBy("file")
    # one shuffle serves both windows
    ranked = (
        events.select("*", other)
        .repartition(*play)
        .withColumn("_nth", F.row_number().over(in_file))
        .withColumn("_again", F.row_number().over(across) > 1)
    )
    marked = F.when(is_play & F.col("_again"), F.lit("same_play_twice")).otherwise(F.col("reason"))
    return ranked.withColumn("reason", marked).select(*events.columns)


def without_overlaps(events: DataFrame) -> DataFrame:
    """Mark plays that come too soon after the listener's last play of the track.

    Two players that report one listening do so seconds apart. ``least_gap`` of a play is the least
    time in seconds between true plays: one that comes sooner gets ``overlaps_a_play``. Skips are not
    compared, and plays at one instant are left to the import, which counts them as duplicates. A
    track heard in a loop has gaps of its own length, so it stays. A null gap marks nothing.
    """
    is_play = F.col("reason").isNull() & (F.col("weight") > 0)
    other = F.when(~is_play, F.xxhash64("file", "line")).alias("_other")
    of_track = Window.partitionBy("listener_key", "track_key", "_other")
    since = F.col("played_at").cast("double") - F.lag("played_at").over(
        of_track.orderBy("played_at", "file", "line")
    ).cast("double")
    soon = is_play & (F.col("_since") > 0) & (F.col("_since") < F.col(LEAST_GAP))
    marked = F.when(soon, F.lit("overlaps_a_play")).otherwise(F.col("reason"))
    return (
        events.select("*", other)
        .withColumn("_since", since)
        .withColumn("reason", marked)
        .select(*EVENTS)
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


def seconds_since_1970(text: Column | str) -> Column:
    """Read whole seconds since 1970 of up to eleven digits.

    Anything else is null. Longer numbers would overflow an instant.
    """
    column = F.col(text) if isinstance(text, str) else text
    return F.timestamp_seconds(F.when(column.rlike(r"^\d{1,11}$"), column.cast("bigint")))


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


def copies(
    digests: Mapping[str, object],
    files: Iterable[InputFile],
    owners: Mapping[str, str | None] | None = None,
) -> dict[str, str]:
    """Map each repeated file to the first file with the same digest.

    The first is the first by name. Files without a digest are skipped. ``owners`` are the listeners
    of files whose entries do not name one: only files of the same owner are compared.
    """
    first: dict[object, str] = {}
    originals: dict[str, str] = {}
    for name in sorted(one.name for one in files):
        digest = digests.get(name)
        if digest is None:
            continue
        original = first.setdefault(((owners or {}).get(name), digest), name)
        if original != name:
            originals[name] = original
    return originals
