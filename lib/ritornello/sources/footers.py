"""The footers of parquet files, read one by one through Hadoop.

A path may be any URI that Spark knows. Spark itself reads a missing column as NULL and an empty
file as no rows, and notices a missing folder late. The footers show this before a single row is
read.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, IntegerType, StructType

from ritornello.errors import BadInputError
from ritornello.sources.damage import cause, failing_reads_are_bad_input
from ritornello.sources.files import literal

MAGIC_BYTES = 12  # a parquet file is at least its two magic words and a length


@dataclass(frozen=True)
class Footer:
    """The metadata of one file.

    ``types`` holds the requested columns that the file has. ``nulls`` names the columns of nothing
    but nulls: pandas and pyarrow write them as int32.
    """

    path: str
    uri: str  # as Spark names the file in ``_metadata.file_path``
    name: str
    rows: int
    types: dict[str, DataType]
    nulls: frozenset[str] = frozenset()


def read_footers(spark: SparkSession, path: str, *, columns: Iterable[str]) -> list[Footer]:
    """Read the footer of a file, or of every file in a folder.

    The files are in the order of their names. Names starting with ``_`` or ``.`` are left out, as
    Spark does. Anything else that is not a readable parquet file raises a ``BadInputError`` that
    names it.
    """
    names = tuple(columns)
    return [_read(spark, status, name, names) for status, name in _files(spark, path)]


def _files(spark: SparkSession, path: str) -> list[tuple[Any, str]]:
    root = _jvm(spark).org.apache.hadoop.fs.Path(path)
    try:
        system = root.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
        status = system.getFileStatus(root)
        if status.isFile():
            return [(status, root.getName())]
        statuses = [one for one in system.listStatus(root) if _is_visible(one.getPath().getName())]
    except Py4JJavaError as error:
        raise BadInputError(f"{path}: {cause(error)}") from None
    if not statuses:
        raise BadInputError(f"{path}: the folder holds no files")
    statuses.sort(key=lambda one: str(one.getPath().getName()))
    return [(one, f"{root.getName()}/{one.getPath().getName()}") for one in statuses]


def _is_visible(name: str) -> bool:
    return not name.startswith(("_", "."))


def _read(spark: SparkSession, status: Any, name: str, columns: tuple[str, ...]) -> Footer:
    path = status.getPath()
    if not status.isFile():
        raise BadInputError(f"{path}: a folder of part files must not contain another folder")
    if status.getLen() < MAGIC_BYTES:
        raise BadInputError(
            f"{path}: not readable as parquet: the file has only {status.getLen()} bytes"
        )
    hadoop = _jvm(spark).org.apache.parquet.hadoop
    try:
        source = hadoop.util.HadoopInputFile.fromStatus(
            status, spark.sparkContext._jsc.hadoopConfiguration()
        )
        reader = hadoop.ParquetFileReader.open(source)
    except Py4JJavaError as error:
        raise BadInputError(f"{path}: not readable as parquet: {cause(error)}") from None
    try:
        footer = reader.getFooter()
        types = _types(spark, footer.getFileMetaData().getSchema(), columns, str(path))
        uri, rows = path.toUri().toString(), int(reader.getRecordCount())
        return Footer(
            path.toString(), uri, name, rows, types, _nulls(spark, path.toString(), footer, types)
        )
    finally:
        reader.close()


def _types(
    spark: SparkSession, schema: Any, columns: tuple[str, ...], path: str
) -> dict[str, DataType]:
    """Convert the types with Spark's converter, which knows every kind of list."""
    converter = _jvm(
        spark
    ).org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter(
        spark._jsparkSession.sessionState().conf()
    )
    return {
        field.getName(): _type(spark, converter, field, path)
        for field in schema.getFields()
        if field.getName() in columns
    }


def _nulls(
    spark: SparkSession, path: str, footer: Any, types: dict[str, DataType]
) -> frozenset[str]:
    """Find the columns of nothing but nulls by their statistics.

    pyarrow writes no statistics for its null type, so the rows of such a column are read.
    """
    emptiness: dict[str, set[bool | None]] = {}
    for block in footer.getBlocks():
        for chunk in block.getColumns():
            statistics, values = chunk.getStatistics(), chunk.getValueCount()
            if not values:
                continue  # without values nothing is known about the type
            known = statistics is not None and statistics.isNumNullsSet()
            empty = statistics.getNumNulls() == values if known else None
            emptiness.setdefault(chunk.getPath().toDotString(), set()).add(empty)
    unknown = {name for name, flags in emptiness.items() if None in flags and False not in flags}
    return frozenset(
        name
        for name, type_ in types.items()
        if emptiness.get(name) == {True}
        or (name in unknown and isinstance(type_, IntegerType) and _is_null(spark, path, name))
    )


def _is_null(spark: SparkSession, path: str, column: str) -> bool:
    reader = spark.read.schema(f"`{column}` int")
    with failing_reads_are_bad_input():
        return reader.parquet(literal(path)).where(F.col(f"`{column}`").isNotNull()).isEmpty()


def _type(spark: SparkSession, converter: Any, field: Any, path: str) -> DataType:
    one = _jvm(spark).java.util.ArrayList()
    one.add(field)
    try:
        message = _jvm(spark).org.apache.parquet.schema.MessageType("one", one)
        struct = StructType.fromJson(json.loads(converter.convert(message).json()))
    except (Py4JError, PySparkException):
        raise BadInputError(
            f"{path}: column {field.getName()} has a type that Spark cannot read"
        ) from None
    return struct.fields[0].dataType


def _jvm(spark: SparkSession) -> Any:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    return jvm
