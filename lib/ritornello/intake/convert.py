"""Convert outside files into a delivery that the import can read.

Nothing is lost silently: each file of the folder is read, ignored or refused, and one bad file does
not stop the others. The files are read twice: once to count entries, so that the counts can be
compared, and once to parse them. Parsed entries stay under ``_staged`` in the output folder until
the delivery is complete.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import BadInputError, UsageError
from ritornello.intake.arrival import REFUSED
from ritornello.intake.delivery_tables import (
    as_interactions,
    as_tracks,
    listeners_of,
    tracks_of,
    with_artists,
)
from ritornello.intake.entry_ledger import (
    Tally,
    check_entries,
    check_files,
    plays_of,
    print_ledger,
    quarantined,
    tally_entries,
)
from ritornello.job import Context
from ritornello.plays.dense_ids import with_dense_ids
from ritornello.scratch import Scratch, scratch
from ritornello.sources.archives import Staging
from ritornello.sources.damage import READ_ERRORS, damaged_files, failing_reads_are_bad_input
from ritornello.sources.delivery import quarantine_of, staged
from ritornello.sources.entries import Reading
from ritornello.sources.files import literal
from ritornello.sources.formats.hetrec_2k import JUDGED, CountsReading
from ritornello.sources.formats.registry import FORMATS, Format, Read, ReadCounts
from ritornello.sources.inbox import Inbox, open_inbox
from ritornello.sources.left_out import refused
from ritornello.tables.creation import write_text

T = TypeVar("T")
STAGED, UNPACKED = "_staged", "_unpacked"
TABLES = ("quarantine", "listeners", "tracks", "interactions", "counts", "artists")


def convert(context: Context, *, name: str, folder: str, out: str) -> str:
    """Write a delivery with listeners and a quarantine under ``out``.

    Returns the closing sentence.
    """
    chosen, source, target = FORMATS[name], folder.rstrip("/"), out.rstrip("/")
    if f"{target}/".startswith(f"{source}/"):
        raise UsageError(f"--out {out} lies in --input: the next run would read what this wrote")
    if chosen.names is None:
        raise UsageError(
            f"{name} is already the format of a delivery: run import-plays with this folder"
        )
    staging = Staging(context.spark, f"{target}/{UNPACKED}")
    staging.delete()
    try:
        with failing_reads_are_bad_input():
            inbox = open_inbox(context.spark, source, chosen.names, staging=staging)
        if chosen.read_counts is not None:
            return _convert_counts(context, chosen.read_counts, inbox, target)
        assert chosen.read is not None
        return _convert_plays(context, chosen, chosen.read, inbox, target)
    finally:
        staging.delete()


def _convert_plays(context: Context, chosen: Format, read: Read, inbox: Inbox, out: str) -> str:
    with context.step("read files"), failing_reads_are_bad_input():
        inbox, reading = _without_damaged(inbox, lambda files: _stage(context, read, files, out))
    events = context.spark.read.parquet(literal(f"{out}/{STAGED}"))
    tally = tally_entries(events)
    left_out = (*inbox.left_out, *reading.left_out)
    check_entries(reading.counted, tally)
    check_files(inbox.listed, (*reading.counted, *reading.used), left_out)
    print_ledger(context.console, tally, used=reading.used, left_out=left_out)
    with context.step("write delivery"):
        _write(quarantine_of(events), out, "quarantine")
        names = [one.name for one in left_out if one.kind == "refused"]
        if names:
            write_text(context.spark, f"{out}/{REFUSED}", "\n".join(names))
        sentence = _write_delivery(events, reading, chosen, tally, out)
        _delete(context.spark, f"{out}/{STAGED}")
    return sentence


def _stage(context: Context, read: Read, inbox: Inbox, out: str) -> Reading:
    """Read all entries once and write them under ``_staged``."""
    reading = read(context.spark, inbox, context.settings.formats)
    _clear(context.spark, out)
    staged(reading.events).write.parquet(f"{out}/{STAGED}")
    return reading


def _without_damaged(inbox: Inbox, attempt: Callable[[Inbox], T]) -> tuple[Inbox, T]:
    """Return the result of reading the files, and the inbox that could be read.

    If a file breaks off in the middle, it is refused, and the others are read again.
    """
    while True:
        try:
            return inbox, attempt(inbox)
        except READ_ERRORS:
            damaged = damaged_files(inbox.files, inbox.scan)
            if not damaged:
                raise
            broken = [refused(one.name, "the file is damaged or cannot be read") for one in damaged]
            inbox = inbox.without(broken)


def _convert_counts(context: Context, read: ReadCounts, inbox: Inbox, out: str) -> str:
    """Write counts without times as two tables instead of a delivery."""
    with context.step("read files"), failing_reads_are_bad_input():
        inbox, (reading, tally) = _without_damaged(
            inbox, lambda files: _tallied(read(context.spark, files))
        )
        every = _judged(reading)
        left_out = (*inbox.left_out, *reading.left_out)
        check_entries(reading.counted, tally)
        check_files(inbox.listed, reading.counted, left_out)
        print_ledger(context.console, tally, left_out=left_out)
    with context.step("write counts"):
        _clear(context.spark, out)
        _write(quarantine_of(every), out, "quarantine")
        good = F.col("reason").isNull()
        artists = _write(reading.artists.where(good).drop(*JUDGED), out, "artists")
        counts = _write(reading.counts.where(good).drop(*JUDGED), out, "counts")
    return (
        f"{counts.count():,} counts of {artists.count():,} artists are in {out}, "
        f"{quarantined(tally):,} entries in its quarantine: counts without times cannot be imported"
    )


def _judged(reading: CountsReading) -> DataFrame:
    counts, artists = (frame.select(*JUDGED) for frame in (reading.counts, reading.artists))
    return counts.unionByName(artists)


def _tallied(reading: CountsReading) -> tuple[CountsReading, Tally]:
    return reading, tally_entries(_judged(reading))


def _write_delivery(
    events: DataFrame, reading: Reading, chosen: Format, tally: Tally, out: str
) -> str:
    """Write the delivery and return a sentence with its size."""
    plays = events.where(F.col("reason").isNull())
    count = plays_of(tally)
    if not count:
        raise BadInputError(_no_play(tally, out))
    with scratch() as scratchpad:
        keyed = _numbered(
            listeners_of(plays), chosen, "source_user_key", "character_index", scratchpad
        )
        listeners = _write(keyed.select("character_index", "source_user_key"), out, "listeners")
        listed = with_artists(tracks_of(plays), reading.track_artists)
        listed = _numbered(listed, chosen, "track_key", "track_index", scratchpad)
        tracks = _write(as_tracks(listed, has_artists=reading.has_artists), out, "tracks")
    _write(as_interactions(plays, listeners=listeners, tracks=tracks), out, "interactions")
    return (
        f"{count:,} plays of {tracks.count():,} tracks by {listeners.count():,} listeners are in "
        f"{out}, {quarantined(tally):,} entries in its quarantine: import-plays --input {out} reads them"
    )


def _no_play(tally: Tally, out: str) -> str:
    missing = sum(entries for (_, why), entries in tally.items() if why == "listener_missing")
    advice = "; name the listener with --set formats.listener=<name>" if missing else ""
    return f"no entry is a play: see the reasons in {out}/quarantine.parquet{advice}"


def _numbered(
    rows: DataFrame, chosen: Format, key: str, index: str, scratchpad: Scratch
) -> DataFrame:
    """Add ``index``: the source's own number, if its ids are whole numbers.

    Otherwise it is the place of the key among the sorted keys.
    """
    if chosen.whole_number_ids:
        return rows.withColumn(index, F.col(key).cast("int"))
    return with_dense_ids(
        rows, id_column=index, order_by=[F.col(key)], first_id=0, keep=scratchpad.keep
    )


def _write(rows: DataFrame, out: str, name: str) -> DataFrame:
    """Write rows and read them back, so that nothing is computed twice."""
    rows.write.mode("overwrite").parquet(f"{out}/{name}.parquet")
    return rows.sparkSession.read.schema(rows.schema).parquet(literal(f"{out}/{name}.parquet"))


def _clear(spark: SparkSession, out: str) -> None:
    """Delete an earlier conversion, so that two halves never mix."""
    for name in (STAGED, REFUSED, *(f"{table}.parquet" for table in TABLES)):
        _delete(spark, f"{out}/{name}")


def _delete(spark: SparkSession, path: str) -> None:
    jvm: Any = spark.sparkContext._jvm
    target = jvm.org.apache.hadoop.fs.Path(path)
    target.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).delete(target, True)
