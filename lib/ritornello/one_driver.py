"""Let one driver at a time write a warehouse on S3.

Hadoop 3.3 cannot create an object on S3 only if it is absent. Delta makes up for it within one driver.
Of two drivers that commit the same version of a table, one overwrites the other, and neither notices.
Leases are such commits, so they cannot help. Instead, each driver writes a small file and then lists
the files of all drivers. S3 lists whatever was written before, so of two that start at once at least
one sees the other. Perhaps both do, and both end.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from ritornello.errors import BusyError
from ritornello.heartbeat import SILENCE, beating
from ritornello.process import Process, is_surely_dead, this_process
from ritornello.tables.creation import delete_file, list_times, read_text
from ritornello.telemetry import Telemetry

ON_S3 = ("s3a", "s3", "s3n")


def needs_one_driver(spark: SparkSession, warehouse: str) -> bool:
    """Return whether Delta's commits in the warehouse are safe within one driver only.

    A LogStore that somebody set for the scheme, such as Delta's for DynamoDB, is trusted.
    """
    scheme = warehouse.partition("://")[0]
    return scheme in ON_S3 and not spark.conf.get(f"spark.delta.logStore.{scheme}.impl", None)


@contextmanager
def one_driver_on_s3(
    spark: SparkSession, warehouse: str, run_id: str, telemetry: Telemetry
) -> Iterator[None]:
    """Be the only driver while the block runs, where that is needed."""
    if not needs_one_driver(spark, warehouse):
        yield
        return
    with one_driver(spark, warehouse, run_id, telemetry):
        yield


@contextmanager
def one_driver(
    spark: SparkSession, warehouse: str, run_id: str, telemetry: Telemetry
) -> Iterator[None]:
    """Be the only driver of the warehouse while the block runs.

    Raises BusyError if another driver may be alive. A driver that was killed on this machine does not
    count, nor one elsewhere that was silent for five minutes.
    """
    folder, me = f"{warehouse}/drivers", str(this_process())
    with beating(spark, f"{folder}/{run_id}", lambda: me, telemetry):
        times = list_times(spark, folder)
        mine = times.pop(run_id)
        for other, time in times.items():
            if not _is_dead(spark, f"{folder}/{other}", silent_for=mine - time):
                raise BusyError(
                    f"run {other} works in {warehouse}, and on S3 one driver at a time may: wait for it "
                    f"to end; if it was killed, run again {SILENCE.seconds // 60} minutes after its last "
                    "sign of life"
                )
            delete_file(spark, f"{folder}/{other}")
        yield


def _is_dead(spark: SparkSession, file: str, *, silent_for: int) -> bool:
    """Tell whether a driver is gone.

    ``silent_for`` is in milliseconds, by the clock of the storage alone.
    """
    if silent_for > SILENCE.total_seconds() * 1000:
        return True
    process = read_text(spark, file)
    return process is None or is_surely_dead(Process.parse(process))
