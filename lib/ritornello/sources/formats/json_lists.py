"""The elements of JSON files that hold one list of objects.

Each has the number of the line it begins on. A file is read whole by one task, since the files of
an account export are only a few megabytes.
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

    Raises ``BadInputError`` unless every file has an empty list, or an element with one of the
    ``required`` keys.
    """
    scanned = _scan(spark, files)
    fits = F.col("fault").isNull() & F.expr(
        " OR ".join(f"get_json_object(text, '$.{key}') IS NOT NULL" for key in required)
    )
    counts = scanned.groupBy("file").agg(
        F.count("*").alias("elements"),
        F.count(F.when(fits | (F.col("fault") == "blank"), F.lit(1))).alias("fitting"),
        *hash_sums("text"),
    )
    rows = {row["file"]: row for row in counts.collect()}
    for file in files:
        if file.name not in rows or not rows[file.name]["fitting"]:
            raise BadInputError(f"{file.path}: no element has the expected form: {expected}")
    originals = copies({name: tuple(row)[1:] for name, row in rows.items()}, files)
    return Entries(
        scanned.withColumn("copy_of", _lookup(originals)),
        {name: row["elements"] for name, row in rows.items()},
    )


def _lookup(originals: dict[str, str]) -> Any:
    pairs = [F.lit(part) for pair in originals.items() for part in pair]
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
    """Turn each file into one batch of its elements.

    Runs on an executor.
    """
    import pyarrow as pa

    for batch in incoming:
        for row in batch.to_pylist():
            rows = [(row["file"], *one) for one in elements(row["content"])]
            columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
            types = (pa.string(), pa.int64(), pa.string(), pa.string())
            yield pa.RecordBatch.from_arrays(
                [pa.array(values, type_) for values, type_ in zip(columns, types, strict=True)],
                names=["file", "line", "text", "fault"],
            )
