"""Read JSON files that hold one list of objects, or an object a line.

Each element has the number of the line it begins on. A file is read whole by one task, since the files of
an account export are only a few megabytes.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from ritornello.sources.entries import Entries, copies, hash_sums
from ritornello.sources.files import InputFile, literal, read_uri
from ritornello.sources.left_out import EMPTY, LeftOut, ignored, refused

if TYPE_CHECKING:
    import pyarrow as pa

Element = tuple[int, str, str | None]  # line, text, what is wrong with it
Owners = Callable[[Mapping[str, str | None]], Mapping[str, str | None]]
BATCH = 10_000
MOST_BYTES = 2**31 - 1  # the largest value of a row
AROUND = " \t\r\n,[]"


def elements(raw: bytes) -> Iterator[Element]:
    """Yield every object of the list in the order of the file.

    Text that is not an object is yielded in between, with its fault. After a broken object the next
    one is read as usual. An empty list is one blank element.
    """
    text = raw.decode("utf-8-sig", errors="surrogateescape")
    read_to, line, has_pieces = 0, 1, False
    for start, end, fault in _pieces(text):
        line += text.count("\n", read_to, start)
        read_to, has_pieces = start, True
        yield _element(line, text[start:end], fault)
    if not has_pieces and text.strip():
        yield line, text, "blank"


def _pieces(text: str) -> Iterator[tuple[int, int, str | None]]:
    """Yield (start, end, fault) of objects and of the text between them.

    Commas, brackets and white space around that text are left out.
    """
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        start = text.find("{", at)
        start = len(text) if start < 0 else start
        between = text[at:start]
        if between.strip(AROUND):
            yield at + len(between) - len(between.lstrip(AROUND)), start, "json_malformed"
        if start == len(text):
            return
        try:
            _, at = decoder.raw_decode(text, start)
            yield start, at, None
        except (ValueError, RecursionError):
            following = text.find("{", start + 1)
            at = len(text) if following < 0 else following
            yield start, at, "json_malformed"


def _element(line: int, text: str, fault: str | None) -> Element:
    try:
        text.encode()
    except UnicodeEncodeError:
        replaced = text.encode(errors="surrogateescape").decode(errors="replace")
        return line, replaced, "encoding_wrong"
    return line, text, fault


def read_elements(
    spark: SparkSession,
    files: Sequence[InputFile],
    *,
    required: Mapping[str, str],
    owners: Owners,
    account: str | None = None,
) -> Entries:
    """One row per element with ``file``, ``line``, ``text``, ``copy_of``, ``fault`` and ``owner``.

    A file is left out unless it has an empty list, or an element with one of the ``required`` JSON
    paths, which are mapped to their names. ``owners`` gets the account that all entries of a file
    name in the field ``account``, and returns the listener of each file.
    """
    large = [refused(one.name, "larger than 2 GiB") for one in files if one.size > MOST_BYTES]
    every = [one for one in files if one.size <= MOST_BYTES]
    scanned = _scan(spark, every)
    rows = {row["file"]: row for row in _totals(scanned, required, account).collect()}
    judged = [_unfit(file, rows.get(file.name), required) for file in every]
    left_out = (*large, *(one for one in judged if one))
    kept = [file for file, one in zip(every, judged, strict=True) if not one]
    filled = [rows[one.name] for one in kept if rows[one.name]["entries"]]
    of_file = owners({row["file"]: _account(row) for row in filled})
    originals = copies({one.name: _digest(rows[one.name]) for one in kept}, kept, of_file)
    known = spark.createDataFrame(
        [(one.name, originals.get(one.name), of_file.get(one.name)) for one in kept],
        "file string, copy_of string, owner string",
    )
    return Entries(
        scanned.join(F.broadcast(known), on="file", how="inner"),
        {one.name: rows[one.name]["elements"] for one in kept},
        left_out,
    )


def _totals(scanned: DataFrame, required: Mapping[str, str], account: str | None) -> DataFrame:
    """One row per file with what is needed to judge it."""
    fits = F.lit(False)
    for path in required:
        fits = fits | F.get_json_object("text", path).isNotNull()
    is_entry = F.col("fault").isNull() | ~F.col("fault").isin("blank", "damaged")
    name = F.lit(None).cast("string")
    if account is not None:
        name = F.trim(F.get_json_object("text", account))
    name = F.when(name != "", name)
    return scanned.groupBy("file").agg(
        F.count("*").alias("elements"),
        _count(is_entry).alias("entries"),
        _count(F.col("fault").isNull() & fits).alias("fitting"),
        _count(F.col("fault") == "damaged").alias("damaged"),
        F.min(name).alias("first_account"),
        F.max(name).alias("last_account"),
        *hash_sums("text"),
    )


def _count(condition: Column) -> Column:
    return F.count(F.when(condition, F.lit(1)))


def _unfit(file: InputFile, row: Row | None, required: Mapping[str, str]) -> LeftOut | None:
    """Return why a file has no entries of the format, or None."""
    if row is None:
        return ignored(file.name, EMPTY)
    if row["damaged"]:
        return refused(file.name, "a damaged gzip file")
    if row["first_account"] != row["last_account"]:
        accounts = f"{row['first_account']} and {row['last_account']}"
        return refused(file.name, f"the plays of several accounts: {accounts}")
    if row["entries"] and not row["fitting"]:
        return refused(
            file.name, f"no element has the expected form: with {' or '.join(required.values())}"
        )
    return None


def _account(row: Row) -> str | None:
    """Return the account that the entries name, if they do."""
    first: str | None = row["first_account"]
    return first


def _digest(row: Row) -> tuple[int, ...] | None:
    """Digest the elements of a file. A file without entries has none."""
    return (row["elements"], row["hash_42"], row["hash_7"]) if row["entries"] else None


def _scan(spark: SparkSession, files: list[InputFile]) -> DataFrame:
    """One row per element of every file."""
    names = spark.createDataFrame(
        [(one.uri, one.name) for one in files], "_uri string, file string"
    )
    reader = spark.read.format("binaryFile")
    contents = reader.load([literal(one.path) for one in files])
    named = contents.select(read_uri().alias("_uri"), "content").join(
        F.broadcast(names), on="_uri", how="inner"
    )
    return named.select("file", "content").mapInArrow(
        _batches, "file string, line bigint, text string, fault string"
    )


def _batches(incoming: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
    """Turn each file into batches of its elements.

    Runs on an executor.
    """
    import pyarrow as pa

    types = (pa.string(), pa.int64(), pa.string(), pa.string())
    for batch in incoming:
        for row in batch.to_pylist():
            of_file = _elements_or_damage(row["content"])
            while some := list(islice(of_file, BATCH)):
                columns = zip(*((row["file"], *one) for one in some), strict=True)
                yield pa.RecordBatch.from_arrays(
                    [pa.array(values, type_) for values, type_ in zip(columns, types, strict=True)],
                    names=["file", "line", "text", "fault"],
                )


def _elements_or_damage(content: bytes) -> Iterator[Element]:
    """Yield the elements of a file, or one damaged element for a broken gzip."""
    try:
        yield from elements(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except (zlib.error, EOFError, OSError):
        yield 1, "", "damaged"
