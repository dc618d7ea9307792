"""Elements of JSON files that hold one list of objects, each with the line it begins on.

A file is read whole by one task: an account export comes in files of some megabytes.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import BadInputError
from ritornello.sources.entries import Entries, copies, hash_sums
from ritornello.sources.files import InputFile, read_uri

if TYPE_CHECKING:
    import pyarrow as pa

Element = tuple[int, str, str | None]  # line, text, what is wrong with it
AROUND = " \t\r\n,[]"


def elements(raw: bytes) -> Iterator[Element]:
    """Every object of the list, and every piece of text that is none, in the order of the file.

    After a broken object the next one counts again. An empty list is one blank element.
    """
    text = raw.decode("utf-8-sig", errors="surrogateescape")
    read_to, line, found = 0, 1, False
    for start, end, fault in _pieces(text):
        line += text.count("\n", read_to, start)
        read_to, found = start, True
        yield _element(line, text[start:end], fault)
    if not found and text.strip():
        yield line, text, "blank"


def _pieces(text: str) -> Iterator[tuple[int, int, str | None]]:
    """(start, end, fault) of objects and of what stands between them other than commas."""
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
        except ValueError:
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
    spark: SparkSession, files: list[InputFile], *, required: tuple[str, ...], expected: str
) -> Entries:
    """One row per element with ``file``, ``line``, ``text``, ``copy_of`` and ``fault``.

    A file that is not empty must have an element with one of the ``required`` keys.
    """
    found = _scan(spark, files)
    fits = F.col("fault").isNull() & F.expr(
        " OR ".join(f"get_json_object(text, '$.{key}') IS NOT NULL" for key in required)
    )
    counts = found.groupBy("file").agg(
        F.count("*").alias("elements"),
        F.count(F.when(fits | (F.col("fault") == "blank"), F.lit(1))).alias("fitting"),
        *hash_sums("text"),
    )
    rows = {row["file"]: row for row in counts.collect()}
    for file in files:
        if file.name not in rows or not rows[file.name]["fitting"]:
            raise BadInputError(f"{file.path}: no element is as expected: {expected}")
    told = copies({name: tuple(row)[1:] for name, row in rows.items()}, files)
    return Entries(
        found.withColumn("copy_of", _lookup(told)),
        {name: row["elements"] for name, row in rows.items()},
    )


def _lookup(told: dict[str, str]) -> Any:
    pairs = [F.lit(part) for pair in told.items() for part in pair]
    return F.create_map(*pairs)[F.col("file")] if pairs else F.lit(None).cast("string")


def _scan(spark: SparkSession, files: list[InputFile]) -> DataFrame:
    """One row per element of every file."""
    names = spark.createDataFrame(
        [(one.uri, one.name) for one in files], "_uri string, file string"
    )
    reader = spark.read.format("binaryFile").option("__globPaths__", "false")
    contents = reader.load([one.path for one in files]).select(read_uri().alias("_uri"), "content")
    named = contents.join(F.broadcast(names), on="_uri", how="inner").select("file", "content")
    return named.mapInArrow(_batches, "file string, line bigint, text string, fault string")


def _batches(incoming: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
    """Runs on an executor, a batch of elements per file."""
    import pyarrow as pa

    for batch in incoming:
        for row in batch.to_pylist():
            found = [(row["file"], *one) for one in elements(row["content"])]
            columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
            types = (pa.string(), pa.int64(), pa.string(), pa.string())
            yield pa.RecordBatch.from_arrays(
                [pa.array(values, type_) for values, type_ in zip(columns, types, strict=True)],
                names=["file", "line", "text", "fault"],
            )
