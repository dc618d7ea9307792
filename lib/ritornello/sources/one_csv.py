"""A table as one CSV file: executors write parts, the driver joins them."""

from typing import Any

from pyspark.sql import DataFrame

from ritornello.errors import UsageError


def write_one_csv(rows: DataFrame, target: str, *, staging: str) -> None:
    """Write the rows under a header to the single file ``target``.

    The rows keep the order of their partitions. ``staging`` is a folder that driver and executors
    share; it is deleted afterwards. The streams are copied within the JVM, so no part is loaded
    into memory.
    """
    spark = rows.sparkSession
    rows.write.mode("overwrite").option("escape", '"').option("emptyValue", "").csv(staging)
    jvm: Any = spark.sparkContext._jvm
    hadoop = jvm.org.apache.hadoop
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    folder, file = hadoop.fs.Path(staging), hadoop.fs.Path(target)
    shared = folder.getFileSystem(configuration)
    if not shared.exists(hadoop.fs.Path(folder, "_SUCCESS")):
        raise UsageError(
            f"{staging}: the parts of {target} are missing; driver and executors must share this "
            "folder"
        )
    parts = sorted(
        (status.getPath() for status in shared.listStatus(folder)), key=lambda one: one.getName()
    )
    stream = _plain(file.getFileSystem(configuration)).create(file, True)
    try:
        stream.write(bytearray(",".join(rows.columns) + "\n", "utf-8"))
        for part in parts:
            if part.getName().startswith("part-"):
                _append(hadoop, shared.open(part), stream)
    finally:
        stream.close()
    shared.delete(folder, True)


def _append(hadoop: Any, source: Any, target: Any) -> None:
    try:
        hadoop.io.IOUtils.copyBytes(source, target, 1 << 16, False)
    finally:
        source.close()


def _plain(system: Any) -> Any:
    """Return the file system without the hidden checksums of a local one."""
    return system.getRawFileSystem() if system.getScheme() == "file" else system
