"""What Delta's log tells of a table without reading its rows: its version, its files, its commits."""

from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.tables.slices import DataFile, data_file


def table_version(spark: SparkSession, path: str) -> int:
    """The newest version this session has seen."""
    return int(_log(spark, path).unsafeVolatileSnapshot().version())


def newest_version(spark: SparkSession, path: str) -> int:
    """The newest version there is: commits of others are looked for."""
    return int(_updated(spark, path).version())


def data_files(spark: SparkSession, path: str) -> list[DataFile]:
    """Every file of the newest version: as many as Delta itself holds on the driver."""
    files = DataFrame(_updated(spark, path).allFiles().toDF(), spark)
    rows = files.select("path", "partitionValues", "size", "stats").collect()
    return [data_file(row[0], dict(row[1] or {}), row[2], row[3]) for row in rows]


def table_columns(spark: SparkSession, path: str) -> set[str]:
    """Names of the columns of the newest version."""
    return set(_updated(spark, path).metadata().schema().fieldNames())


def table_property(spark: SparkSession, path: str, name: str) -> str | None:
    """A property of the newest version, if it is set."""
    found = _updated(spark, path).metadata().configuration().get(name)
    return str(found.get()) if found.isDefined() else None


def marked_version(spark: SparkSession, path: str, mark: str) -> int | None:
    """The version that was committed with this mark, among the newest thousand."""
    history = DeltaTable.forPath(spark, path).history(1000)
    found = history.where(F.col("userMetadata") == mark).agg(F.max("version")).first()
    return None if found is None or found[0] is None else int(found[0])


def _updated(spark: SparkSession, path: str) -> Any:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    nothing = jvm.scala.Option.empty()
    return _log(spark, path).update(False, nothing, nothing)


def _log(spark: SparkSession, path: str) -> Any:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, path)
