"""Outside files become a delivery that the import reads; nothing is lost in silence.

The files are read twice: once to count and compare them, once to parse them. What was parsed lies
under ``_staged`` in the output folder until the delivery stands there.
"""

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.catalogue.dense_ids import with_dense_ids
from ritornello.errors import BadInputError, ContractError, UsageError
from ritornello.job import Context
from ritornello.operations.scratch import Scratch, scratch
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.formats.delivery import (
    as_interactions,
    as_tracks,
    listeners_of,
    quarantine_of,
    staged,
    tracks_of,
    with_artists,
)
from ritornello.sources.formats.entries import NOT_QUARANTINED, Reading
from ritornello.sources.formats.registry import FORMATS, Format

STAGED = "_staged"
WRITTEN = (STAGED, "quarantine", "listeners", "tracks", "interactions", "counts", "artists")
SHOWN_FILES = 20
Tally = dict[tuple[str, str | None], int]  # entries by file and reason; no reason: a play


def convert(context: Context, *, name: str, folder: str, out: str) -> str:
    """Write a delivery under ``out``, with listeners and a quarantine; returns the last line."""
    chosen = FORMATS[name]
    if chosen.read is None:
        raise UsageError(f"{name} is this project's own format: give the folder to import-plays")
    source, target = folder.rstrip("/"), out.rstrip("/")
    if f"{target}/".startswith(f"{source}/"):
        raise UsageError(f"--out {out} lies in --input: the next run would read what this wrote")
    with context.step("read files"), failing_reads_are_bad_input():
        reading = chosen.read(context.spark, source, context.settings.formats)
        _clear(context.spark, target)
        staged(reading.events).write.parquet(f"{target}/{STAGED}")
    events = context.spark.read.parquet(f"{target}/{STAGED}")
    tally = _tally(events)
    check_balance(reading.counted, tally)
    print_ledger(context, tally)
    with context.step("write delivery"):
        _write(events, quarantine_of(events), target, "quarantine")
        told = _write_delivery(context, events, reading, chosen, tally, target)
        _delete(context.spark, f"{target}/{STAGED}")
    return told


def _tally(events: DataFrame) -> Tally:
    """Files times reasons: small."""
    rows = events.groupBy("file", "reason").agg(F.count("*").alias("entries")).collect()
    return {(row["file"], row["reason"]): int(row["entries"]) for row in rows}


def check_balance(counted: Mapping[str, int], tally: Tally) -> None:
    """Raise if a file's entries, counted on their own, are not plays, quarantine and headers."""
    for file in sorted(counted):
        told = sum(entries for (of, _), entries in tally.items() if of == file)
        if told != counted[file]:
            raise ContractError(f"{file}: {counted[file]} entries, {told} accounted for")


def print_ledger(context: Context, tally: Tally) -> None:
    """A line per file, if they are few, then a line per reason of the quarantine."""
    files = sorted({file for file, _ in tally})
    for file in files if len(files) <= SHOWN_FILES else []:
        context.console.print(f"  {file}: {_balance(tally, file)}", highlight=False)
    if len(files) != 1:
        context.console.print(f"  {len(files)} files: {_balance(tally)}", highlight=False)
    for reason in sorted({why for _, why in tally if why and why not in NOT_QUARANTINED}):
        entries = sum(n for (_, why), n in tally.items() if why == reason)
        context.console.print(f"    {reason:<20} {entries:>12,}", highlight=False)


def _balance(tally: Tally, file: str | None = None) -> str:
    chosen = {key: n for key, n in tally.items() if file is None or key[0] == file}
    plays = sum(n for (_, why), n in chosen.items() if why is None)
    other = sum(n for (_, why), n in chosen.items() if why in NOT_QUARANTINED)
    read = sum(chosen.values())
    return (
        f"{read:,} entries = {plays:,} plays + {read - plays - other:,} quarantined + "
        f"{other:,} header or blank"
    )


def _write_delivery(
    context: Context, events: DataFrame, reading: Reading, chosen: Format, tally: Tally, out: str
) -> str:
    """The delivery and the sentence that tells its size."""
    plays = events.where(F.col("reason").isNull())
    count = sum(n for (_, why), n in tally.items() if why is None)
    if not count:
        raise BadInputError(f"no entry is a play: {out}/quarantine.parquet says why")
    with scratch() as held:
        numbered = _numbered(
            listeners_of(plays), chosen, "source_user_key", "character_index", held
        )
        listeners = _write(
            events, numbered.select("character_index", "source_user_key"), out, "listeners"
        )
        listed = _numbered(
            with_artists(tracks_of(plays), reading.track_artists),
            chosen,
            "track_key",
            "track_index",
            held,
        )
        tracks = _write(events, as_tracks(listed, has_artists=reading.has_artists), out, "tracks")
    nested = as_interactions(plays, listeners=listeners, tracks=tracks)
    _write(events, nested, out, "interactions")
    quarantined = sum(n for (_, why), n in tally.items() if why and why not in NOT_QUARANTINED)
    return (
        f"{count:,} plays of {tracks.count():,} tracks by {listeners.count():,} listeners are in "
        f"{out}, {quarantined:,} entries in its quarantine: import-plays --input {out} reads them"
    )


def _numbered(rows: DataFrame, chosen: Format, key: str, index: str, held: Scratch) -> DataFrame:
    """With ``index``: the source's own number, or the place of the key among the sorted keys."""
    if chosen.whole_number_ids:
        return rows.withColumn(index, F.col(key).cast("int"))
    return with_dense_ids(rows, id_column=index, order_by=[F.col(key)], first_id=0, keep=held.keep)


def _write(events: DataFrame, rows: DataFrame, out: str, name: str) -> DataFrame:
    """The written rows, read back, so that nothing is computed twice."""
    rows.write.mode("overwrite").parquet(f"{out}/{name}.parquet")
    return events.sparkSession.read.schema(rows.schema).parquet(f"{out}/{name}.parquet")


def _clear(spark: SparkSession, out: str) -> None:
    """An earlier conversion goes: a half of it must not stand beside a half of this one."""
    for name in WRITTEN:
        _delete(spark, f"{out}/{name}" if name == STAGED else f"{out}/{name}.parquet")


def _delete(spark: SparkSession, path: str) -> None:
    jvm: Any = spark.sparkContext._jvm
    target = jvm.org.apache.hadoop.fs.Path(path)
    target.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).delete(target, True)
