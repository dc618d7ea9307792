"""New tables as their contracts promise them, and small text files beside them."""

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from ritornello.tables.contracts import Contract

# minima and maxima are kept of the first columns, where keys and times stand: they cost more to
# collect over seventy features than the whole of a small write
INDEXED_COLUMNS = "3"
CONTRACT_VERSION = "ritornello.contract"


def create_table(spark: SparkSession, path: str, contract: Contract, df: DataFrame) -> None:
    """The empty table, with comments, NOT NULL and CHECK constraints; types as in ``df``."""
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
    """A small text file at a path or URI, in the place of what is there."""
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
