"""Read facts about a table from Delta's log: versions, files, columns and commits.

Delta runs a Spark job for each look at a table's files, which costs more than reading a few rows. The
checksum of a version lists them already where they are few, so it is asked first.
"""

from collections.abc import Iterator
from typing import Any

from delta.tables import DeltaTable
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.tables.creation import read_text
from ritornello.tables.mends import is_torn
from ritornello.tables.slices import DataFile, data_file

# Spark sends a table up to this size to a join whole, however Delta would have filtered its files
LARGEST_LISTED = 10 << 20
PARQUET = "PAR1"  # the last four bytes of every file of that format


def table_version(spark: SparkSession, path: str) -> int:
    """Return the newest version that this session has seen."""
    return int(_log(spark, path).unsafeVolatileSnapshot().version())


def newest_version(spark: SparkSession, path: str) -> int:
    """Return the newest version, after looking for commits by others."""
    return int(_updated(spark, path).version())


def data_files(spark: SparkSession, path: str) -> list[DataFile]:
    """List the data files of the newest version.

    Delta itself holds as many on the driver.
    """
    snapshot = _updated(spark, path)
    listed = _listed_files(snapshot)
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


def small_table(spark: SparkSession, path: str, version: int) -> Any | None:
    """Return the plan that scans a small table, if its checksum lists the files.

    The scan starts no job to find the files. Return None for any other table, for a version that is
    not the newest one seen, and where a commit is damaged: Delta's own scan then says so.
    """
    log = _log(spark, path)
    snapshot = log.unsafeVolatileSnapshot()
    if snapshot.version() != version:
        return None
    listed = _listed_files(snapshot)
    if listed is None or snapshot.checksumOpt().get().tableSizeBytes() > LARGEST_LISTED:
        return None
    if not _is_whole(spark, snapshot):
        return None
    return log.createDataFrame(snapshot, listed, False, _nothing(spark)).logicalPlan()


def fresh_frame(spark: SparkSession, plan: Any) -> DataFrame:
    """Return a frame of a scan, with columns of its own.

    Two frames of one scan can be joined, and Spark sees that both read the same rows.
    """
    assert spark.sparkContext._jvm is not None
    frames = spark.sparkContext._jvm.org.apache.spark.sql.Dataset
    return DataFrame(frames.ofRows(spark._jsparkSession, plan.newInstance()), spark)


def _listed_files(snapshot: Any) -> Any | None:
    checksum = snapshot.checksumOpt()
    files = checksum.get().allFiles() if checksum.isDefined() else checksum
    return files.get() if files.isDefined() else None


def _is_whole(spark: SparkSession, snapshot: Any) -> bool:
    """Return whether the last checkpoint and every commit since can be read."""
    checkpoint = snapshot.checkpointProvider().topLevelFiles()
    commits = snapshot.logSegment().deltas()
    try:
        return all(text.endswith(PARQUET) for text in _texts(spark, checkpoint)) and not any(
            is_torn(text) for text in _texts(spark, commits)
        )
    except Py4JJavaError:  # the checksum of the file is wrong
        return False


def _texts(spark: SparkSession, files: Any) -> Iterator[str]:
    """Yield the content of files, given as Scala's sequence of their status."""
    for place in range(files.size()):
        yield read_text(spark, files.apply(place).getPath().toString()) or ""


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
    turn = _updated(spark, path).transactions().get(name)
    return int(turn.get()) if turn.isDefined() else -1


def _updated(spark: SparkSession, path: str) -> Any:
    nothing = _nothing(spark)
    return _log(spark, path).update(False, nothing, nothing)


def _nothing(spark: SparkSession) -> Any:
    assert spark.sparkContext._jvm is not None
    return spark.sparkContext._jvm.scala.Option.empty()


def _log(spark: SparkSession, path: str) -> Any:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, path)
