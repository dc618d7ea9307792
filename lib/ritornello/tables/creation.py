"""Create tables from their contracts, and write small text files beside them."""

from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from ritornello.tables.contracts import Contract
from ritornello.tables.contracts.contract import CONTRACT_VERSION

# keep minima and maxima of the first columns only, which hold keys and times: collecting them for
# seventy features would cost more than a whole small write
INDEXED_COLUMNS = "3"


def create_table(spark: SparkSession, path: str, contract: Contract, df: DataFrame) -> None:
    """Create the empty table with comments, NOT NULL and CHECK constraints.

    Where a contract allows several types, the type is that of ``df``.
    """
    types = {field.name: field.dataType for field in df.schema.fields}
    builder = DeltaTable.createIfNotExists(spark).location(path).comment(contract.row)
    for column in contract.columns:
        builder = builder.addColumn(
            column.name, types[column.name], nullable=column.nullable, comment=column.meaning
        )
    for name, rule in contract.constraints.items():
        builder = builder.property(f"delta.constraints.{name}", rule)
    builder = builder.property("delta.enableDeletionVectors", "false")
    builder = builder.property("delta.dataSkippingNumIndexedCols", INDEXED_COLUMNS)
    builder = builder.property(CONTRACT_VERSION, str(contract.version))
    if contract.partitions:
        builder = builder.partitionedBy(*contract.partitions)
    builder.execute()


def write_text(spark: SparkSession, path: str, text: str) -> None:
    """Write a small text file to a path or URI, replacing an existing one."""
    target, files = _file(spark, path)
    stream = files.create(target, True)
    try:
        stream.write(bytearray(text, "utf-8"))
    finally:
        stream.close()


def read_text(spark: SparkSession, path: str) -> str | None:
    """Read a small text file of a path or URI, or None without one."""
    target, files = _file(spark, path)
    if not files.exists(target):
        return None
    stream = files.open(target)
    try:
        assert spark.sparkContext._jvm is not None
        return str(spark.sparkContext._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()


def list_names(spark: SparkSession, path: str) -> list[str]:
    """List the names in a folder, none if it does not exist."""
    target, files = _file(spark, path)
    if not files.exists(target):
        return []
    return [str(status.getPath().getName()) for status in files.listStatus(target)]


def list_times(spark: SparkSession, path: str) -> dict[str, int]:
    """Return each file of a folder with its last change, in milliseconds since 1970."""
    target, files = _file(spark, path)
    statuses = files.listStatus(target) if files.exists(target) else []
    changed = {one.getPath().getName(): one.getModificationTime() for one in statuses}
    return {str(name): int(time) for name, time in changed.items()}


def delete_file(spark: SparkSession, path: str) -> None:
    """Delete a small file of a path or URI, if it is there."""
    target, files = _file(spark, path)
    files.delete(target, False)


def _file(spark: SparkSession, path: str) -> tuple[Any, Any]:
    """Return the Hadoop path of an address, and the file system that holds it."""
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    target = jvm.org.apache.hadoop.fs.Path(path)
    return target, target.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
