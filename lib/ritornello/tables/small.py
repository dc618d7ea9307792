"""Read small tables without a Spark job for their list of files.

Delta starts a job for every scan, to filter the list of files. For a table of a few rows that takes
longer than the scan itself. The checksum of a version holds the list where it is short.
"""

from collections.abc import Iterator
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from ritornello.tables.creation import read_text
from ritornello.tables.mends import is_torn
from ritornello.tables.snapshots import delta_log, listed_files, nothing

# Spark sends a table up to this size to a join whole, however Delta would have filtered its files
LARGEST = 10 << 20
PARQUET = "PAR1"  # the last four bytes of every file of that format


class SmallTables:
    """Small tables, with the plan of the last scan of each."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        self._plans: dict[str, tuple[int, Any]] = {}

    def read(self, path: str, version: int) -> DataFrame | None:
        """Read the newest version of a small table without Delta's job.

        Return None for any other table, for a version that is not the newest one seen, and where the
        log is damaged: Delta's own scan then says so. Two frames of one version can be joined.
        """
        known, plan = self._plans.get(path, (-1, None))
        if known != version:
            plan = _plan(self.spark, path, version)
            self._plans[path] = (version, plan)
        return None if plan is None else _frame(self.spark, plan)


def _plan(spark: SparkSession, path: str, version: int) -> Any | None:
    log = delta_log(spark, path)
    snapshot = log.unsafeVolatileSnapshot()
    files = listed_files(snapshot) if snapshot.version() == version else None
    if files is None or snapshot.checksumOpt().get().tableSizeBytes() > LARGEST:
        return None
    if not _is_whole(spark, snapshot):
        return None
    return log.createDataFrame(snapshot, files, False, nothing(spark)).logicalPlan()


def _frame(spark: SparkSession, plan: Any) -> DataFrame:
    """Return a frame of a scan, with columns of its own."""
    assert spark.sparkContext._jvm is not None
    frames = spark.sparkContext._jvm.org.apache.spark.sql.Dataset
    return DataFrame(frames.ofRows(spark._jsparkSession, plan.newInstance()), spark)


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
