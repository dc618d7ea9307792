"""Read facts about a table from Delta's log: versions, files, columns and commits.

Delta runs a Spark job for each look at a table's files, which costs more than reading a few rows. The
checksum of a version lists them already where they are few, so it is asked first.
"""

from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.tables.slices import DataFile, data_file


def table_version(spark: SparkSession, path: str) -> int:
    """Return the newest version that this session has seen."""
    return int(delta_log(spark, path).unsafeVolatileSnapshot().version())


def newest_version(spark: SparkSession, path: str) -> int:
    """Return the newest version, after looking for commits by others."""
    return int(_updated(spark, path).version())


def data_files(spark: SparkSession, path: str, version: int) -> list[DataFile]:
    """List the data files of a version.

    Delta itself holds as many on the driver.
    """
    snapshot = _snapshot_at(spark, path, version)
    listed = listed_files(snapshot)
    if listed is not None:
        return [_data_file(listed.apply(place)) for place in range(listed.size())]
    files = DataFrame(snapshot.allFiles().toDF(), spark)
    rows = files.select("path", "partitionValues", "size", "stats").collect()
    return [data_file(row[0], dict(row[1] or {}), row[2], row[3]) for row in rows]


def _data_file(file: Any) -> DataFile:
    values = file.partitionValues().iterator()
    partition = {}
    while values.hasNext():
        pair = values.next()
        partition[str(pair._1())] = pair._2()
    return data_file(file.path(), partition, file.size(), file.stats())


def listed_files(snapshot: Any) -> Any | None:
    """Return the files that a version's checksum lists, or None without a list."""
    checksum = snapshot.checksumOpt()
    files = checksum.get().allFiles() if checksum.isDefined() else checksum
    return files.get() if files.isDefined() else None


def table_columns(spark: SparkSession, path: str) -> set[str]:
    """Return the column names of the newest version."""
    return set(_updated(spark, path).metadata().schema().fieldNames())


def table_property(spark: SparkSession, path: str, name: str) -> str | None:
    """Return a property of the newest version, or None if it is not set."""
    value = _updated(spark, path).metadata().configuration().get(name)
    return str(value.get()) if value.isDefined() else None


def marked_version(spark: SparkSession, path: str, mark: str) -> int | None:
    """Return the newest version with this mark, among the last thousand commits."""
    history = DeltaTable.forPath(spark, path).history(1000)
    versions = history.where(F.col("userMetadata") == mark).select("version").collect()
    return max((int(row["version"]) for row in versions), default=None)


def last_turn(spark: SparkSession, path: str, name: str) -> int:
    """Return the last turn of that name that was committed, or -1 without one."""
    snapshot = _updated(spark, path)
    checksum = snapshot.checksumOpt()
    listed = checksum.get().setTransactions() if checksum.isDefined() else checksum
    if not listed.isDefined():
        turn = snapshot.transactions().get(name)
        return int(turn.get()) if turn.isDefined() else -1
    turns = (listed.get().apply(place) for place in range(listed.get().size()))
    return max((int(turn.version()) for turn in turns if turn.appId() == name), default=-1)


def _snapshot_at(spark: SparkSession, path: str, version: int) -> Any:
    """Return Delta's snapshot of a version."""
    log = delta_log(spark, path)
    newest = log.unsafeVolatileSnapshot()
    if newest.version() == version:
        return newest
    none = nothing(spark)
    return log.getSnapshotAt(version, none, none)


def _updated(spark: SparkSession, path: str) -> Any:
    none = nothing(spark)
    return delta_log(spark, path).update(False, none, none)


def nothing(spark: SparkSession) -> Any:
    """Return Scala's None."""
    assert spark.sparkContext._jvm is not None
    return spark.sparkContext._jvm.scala.Option.empty()


def delta_log(spark: SparkSession, path: str) -> Any:
    """Return Delta's own log of a table."""
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, path)
