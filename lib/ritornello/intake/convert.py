"""Outside files become a delivery that the import reads; nothing is lost in silence.

The files are read twice: once to count and compare them, once to parse them. What was parsed lies
under ``_staged`` in the output folder until the delivery stands there.
"""

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import BadInputError, UsageError
from ritornello.intake.entry_ledger import (
    Tally,
    check_entries,
    plays_of,
    print_ledger,
    quarantined,
    tally_entries,
)
from ritornello.job import Context
from ritornello.plays.dense_ids import with_dense_ids
from ritornello.scratch import Scratch, scratch
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.delivery import (
    as_interactions,
    as_tracks,
    listeners_of,
    quarantine_of,
    staged,
    tracks_of,
    with_artists,
)
from ritornello.sources.entries import Reading
from ritornello.sources.formats.hetrec_2k import JUDGED
from ritornello.sources.formats.registry import FORMATS, Format, Read, ReadCounts

STAGED = "_staged"
WRITTEN = (STAGED, "quarantine", "listeners", "tracks", "interactions", "counts", "artists")


def convert(context: Context, *, name: str, folder: str, out: str) -> str:
    """Write a delivery under ``out``, with listeners and a quarantine; returns the last line."""
    chosen, source, target = FORMATS[name], folder.rstrip("/"), out.rstrip("/")
    if f"{target}/".startswith(f"{source}/"):
        raise UsageError(f"--out {out} lies in --input: the next run would read what this wrote")
    if chosen.read_counts is not None:
        return _convert_counts(context, chosen.read_counts, source, target)
    if chosen.read is None:
        raise UsageError(f"{name} is this project's own format: give the folder to import-plays")
    return _convert_plays(context, chosen, chosen.read, source, target)


def _convert_plays(context: Context, chosen: Format, read: Read, source: str, out: str) -> str:
    with context.step("read files"), failing_reads_are_bad_input():
        reading = read(context.spark, source, context.settings.formats)
        _clear(context.spark, out)
        staged(reading.events).write.parquet(f"{out}/{STAGED}")
    events = context.spark.read.parquet(f"{out}/{STAGED}")
    tally = tally_entries(events)
    check_entries(reading.counted, tally)
    print_ledger(context.console, tally)
    with context.step("write delivery"):
        _write(quarantine_of(events), out, "quarantine")
        told = _write_delivery(events, reading, chosen, tally, out)
        _delete(context.spark, f"{out}/{STAGED}")
    return told


def _convert_counts(context: Context, read: ReadCounts, source: str, out: str) -> str:
    """Counts have no times, so there is no delivery: two tables of their own."""
    with context.step("read files"), failing_reads_are_bad_input():
        reading = read(context.spark, source)
        judged = [frame.select(*JUDGED) for frame in (reading.counts, reading.artists)]
        every = judged[0].unionByName(judged[1])
        tally = tally_entries(every)
        check_entries(reading.counted, tally)
        print_ledger(context.console, tally)
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


def _write_delivery(
    events: DataFrame, reading: Reading, chosen: Format, tally: Tally, out: str
) -> str:
    """The delivery and the sentence that tells its size."""
    plays = events.where(F.col("reason").isNull())
    count = plays_of(tally)
    if not count:
        raise BadInputError(f"no entry is a play: {out}/quarantine.parquet says why")
    with scratch() as held:
        keyed = _numbered(listeners_of(plays), chosen, "source_user_key", "character_index", held)
        listeners = _write(keyed.select("character_index", "source_user_key"), out, "listeners")
        listed = with_artists(tracks_of(plays), reading.track_artists)
        listed = _numbered(listed, chosen, "track_key", "track_index", held)
        tracks = _write(as_tracks(listed, has_artists=reading.has_artists), out, "tracks")
    _write(as_interactions(plays, listeners=listeners, tracks=tracks), out, "interactions")
    return (
        f"{count:,} plays of {tracks.count():,} tracks by {listeners.count():,} listeners are in "
        f"{out}, {quarantined(tally):,} entries in its quarantine: import-plays --input {out} reads them"
    )


def _numbered(rows: DataFrame, chosen: Format, key: str, index: str, held: Scratch) -> DataFrame:
    """With ``index``: the source's own number, or the place of the key among the sorted keys."""
    if chosen.whole_number_ids:
        return rows.withColumn(index, F.col(key).cast("int"))
    return with_dense_ids(rows, id_column=index, order_by=[F.col(key)], first_id=0, keep=held.keep)


def _write(rows: DataFrame, out: str, name: str) -> DataFrame:
    """The written rows, read back, so that nothing is computed twice."""
    rows.write.mode("overwrite").parquet(f"{out}/{name}.parquet")
    return rows.sparkSession.read.schema(rows.schema).parquet(f"{out}/{name}.parquet")


def _clear(spark: SparkSession, out: str) -> None:
    """An earlier conversion goes: a half of it must not stand beside a half of this one."""
    for name in WRITTEN:
        _delete(spark, f"{out}/{name}" if name == STAGED else f"{out}/{name}.parquet")


def _delete(spark: SparkSession, path: str) -> None:
    jvm: Any = spark.sparkContext._jvm
    target = jvm.org.apache.hadoop.fs.Path(path)
    target.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).delete(target, True)
