"""Numbered lines of large text files, plain or gzipped.

Spark reads a file in splits whose rows come in order, so a line's number is its place in the split
plus the lines of the splits before it. A first pass counts and hashes the lines of each split, so
that a file that was delivered twice is recognised before its plays count twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import BadInputError
from ritornello.sources.entries import HASH_SEEDS, Entries, copies, hash_sums, is_utf8
from ritornello.sources.files import InputFile, literal, read_uri
from ritornello.sources.left_out import EMPTY, LeftOut, ignored, refused

Splits = dict[InputFile, list[Row]]


@dataclass(frozen=True)
class Layout:
    """The expected form of a format's lines: a header, or a test.

    At least one line of each file must pass the test ``fits``. ``expected`` describes the lines in
    error messages.
    """

    expected: str
    header: str | None = None
    fits: Column | None = None


def read_lines(
    spark: SparkSession,
    files: Iterable[InputFile],
    layout: Layout,
    *,
    owners: Mapping[str, str | None] | None = None,
) -> Entries:
    """One row per line with ``file``, ``line``, ``text``, ``copy_of`` and ``owner``.

    Line ends are removed. A file with another header, or without a single line of the format, is
    left out. ``owners`` are the listeners of files whose lines do not name one.
    """
    owners = owners or {}
    every = list(files)
    scanned = _scan(spark, every)
    splits = _splits(scanned, every, layout)
    judged = [_unfit(file, splits[file], layout) for file in every]
    left_out = tuple(one for one in judged if one)
    kept = {file: splits[file] for file, one in zip(every, judged, strict=True) if not one}
    originals = copies(
        {file.name: _digest(rows, layout) for file, rows in kept.items()}, kept, owners
    )
    offsets = spark.createDataFrame(
        [
            (*row, originals.get(file.name), owners.get(file.name))
            for file, rows in kept.items()
            for row in _offsets(file, rows)
        ],
        "_uri string, _start bigint, _shift bigint, file string, copy_of string, owner string",
    )
    numbered = scanned.join(F.broadcast(offsets), on=["_uri", "_start"], how="inner").select(
        "file", (F.col("_place") + F.col("_shift")).alias("line"), "text", "copy_of", "owner"
    )
    counted = {file.name: sum(row["lines"] for row in rows) for file, rows in kept.items()}
    return Entries(numbered, counted, left_out)


def read_all_lines(spark: SparkSession, files: list[InputFile], layout: Layout) -> Entries:
    """Read lines of files that must all be of the format.

    Raises ``BadInputError`` for the first one that is not.
    """
    entries = read_lines(spark, files, layout)
    for file in files:
        for one in entries.left_out:
            if one.name == file.name:
                raise BadInputError(f"{file.path}: {one.why}")
    return entries


def line_faults(layout: Layout) -> dict[str, Column]:
    """Return the faults that a line of any format can have.

    ``header`` and ``blank`` are for lines that are not entries at all.
    """
    faults = {"blank": F.trim("text") == "", "encoding_wrong": ~is_utf8("text")}
    return faults if layout.header is None else {"header": F.col("line") == 1, **faults}


def _scan(spark: SparkSession, files: Iterable[InputFile]) -> DataFrame:
    """One row per line with its split and its place in the task.

    Only \\n ends a line.
    """
    reader = spark.read.option("lineSep", "\n")
    return reader.text([literal(file.path) for file in files]).select(
        read_uri().alias("_uri"),
        F.col("_metadata.file_block_start").alias("_start"),
        F.monotonically_increasing_id().alias("_place"),
        F.expr(r"trim(TRAILING '\r' FROM value)").alias("text"),  # leaves wrong bytes as they are
    )


def _splits(scanned: DataFrame, files: Iterable[InputFile], layout: Layout) -> Splits:
    """Map each file to its splits, in order.

    As in any job, one row per split reaches the driver.
    """
    fits = F.lit(True) if layout.fits is None else F.coalesce(layout.fits, F.lit(False))
    splits = scanned.groupBy("_uri", "_start").agg(
        F.count("*").alias("lines"),
        F.min("_place").alias("first_place"),
        F.min_by(F.substring("text", 1, 1000), "_place").alias("first_text"),
        F.count(F.when(fits, F.lit(True))).alias("fitting"),
        F.count(F.when(F.trim("text") != "", F.lit(True))).alias("filled"),
        *hash_sums("text"),
    )
    by_uri: dict[str, list[Row]] = defaultdict(list)
    for row in splits.orderBy("_uri", "_start").collect():
        by_uri[row["_uri"]].append(row)
    return {file: by_uri[file.uri] for file in files}


def _unfit(file: InputFile, splits: list[Row], layout: Layout) -> LeftOut | None:
    """Return why a file is not of the format, or None."""
    if not any(row["filled"] for row in splits):
        return ignored(file.name, EMPTY)
    first = str(splits[0]["first_text"])
    if layout.header is not None and first != layout.header:
        why = f"starts with {first[:120]!r}; expected the header {layout.header!r}"
        return refused(file.name, why)
    if not any(row["fitting"] for row in splits):
        why = f"no line has the expected form: {layout.expected}; it starts with {first[:120]!r}"
        return refused(file.name, why)
    return None


def _digest(splits: list[Row], layout: Layout) -> tuple[int, ...] | None:
    """Digest the lines of a file, however it is split or compressed.

    Files with the same lines have equal digests. A file without entries has none.
    """
    if sum(row["filled"] for row in splits) <= (layout.header is not None):
        return None
    sums = (sum(row[f"hash_{seed}"] for row in splits) % 2**64 for seed in HASH_SEEDS)
    return (sum(row["lines"] for row in splits), *sums)


def _offsets(file: InputFile, splits: list[Row]) -> list[tuple[str, int, int, str]]:
    """One row per split with the shift from place to line number."""
    rows, before = [], 0
    for split in splits:
        shift = before + 1 - split["first_place"]
        rows.append((file.uri, split["_start"], shift, file.name))
        before += split["lines"]
    return rows
