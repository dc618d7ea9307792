"""Create tables from their contracts, and write small text files beside them."""

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from ritornello.tables.contracts import Contract

# keep minima and maxima of the first columns only, which hold keys and times: collecting them for
# seventy features would cost more than a whole small write
INDEXED_COLUMNS = "3"
CONTRACT_VERSION = "ritornello.contract"


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
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    target = jvm.org.apache.hadoop.fs.Path(path)
    stream = target.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).create(
        target, True
    )
    try:
        stream.write(bytearray(text, "utf-8"))
    finally:
        stream.close()
