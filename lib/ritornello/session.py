"""Configure Spark, with a reason for every setting."""

import atexit
import contextlib
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import SparkSession

from ritornello.errors import UsageError
from ritornello.interpreted import INTERPRETED
from ritornello.jars import jars_folder, missing_s3_jars
from ritornello.logfile import log_file
from ritornello.settings.session import SparkSettings, heap_bytes

SESSION_PROPERTIES = {
    # a missing time zone would shift every instant, a lenient parser would accept '2024'
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.ansi.enabled": "false",
    # otherwise a flipped bit in a page is read silently
    "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # pandas writes times in nanoseconds, which Spark refuses to read as times
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # small Delta logs need neither 50 tasks nor a parallel listing
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    # one thread per Python worker: tasks are the parallelism
    "spark.executorEnv.OMP_NUM_THREADS": "1",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    # with the default of 100, the same query is compiled again for every day of a night
    "spark.sql.codegen.cache.maxEntries": "2000",
    # the size of a checkpointed frame is unknown, so Spark would shuffle a filter for every join with
    # one; features/narrow.py filters where it pays
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
    # frames are kept on disk: choosing an encoding for each column costs more than compressing blocks
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    "spark.rdd.compress": "true",
    # barrier stages of the fit need slots that are not taken away
    "spark.speculation": "false",
    "spark.dynamicAllocation.enabled": "false",
}

# the code of Java's second compiler is quicker, but making it takes a third of a short job's time;
# queries that are compiled need it, so a short job interprets them
FIRST_COMPILER = "-XX:TieredStopAtLevel=1"
QUIET = Path(__file__).with_name("log4j2.properties")

LOCAL_PROPERTIES = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # a laptop that sleeps for two minutes sends no heartbeat: Spark would take its only executor for
    # dead, refuse every later heartbeat, and end ten minutes after waking up
    "spark.storage.blockManagerHeartbeatTimeoutMs": "7d",
    # Hadoop's own local file system starts chmod for every file and readlink for every commit: 2,100
    # processes in the smallest night. These three do the same by Java's calls.
    "spark.hadoop.fs.file.impl": "com.globalmentor.apache.hadoop.fs.BareLocalFileSystem",
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager"
    ),
    # writes beside and renames, as the default store does, but by the file system named above
    "spark.delta.logStore.file.impl": "io.delta.storage.AzureLogStore",
}


def build_session(settings: SparkSettings, *, name: str, warehouse: str = "") -> SparkSession:
    """Build the session of one job.

    ``warehouse`` says whether it needs the jars of S3. Stop it in a ``finally``, or the process
    may never end.
    """
    builder = SparkSession.builder.appName(name)
    for key, value in {**SESSION_PROPERTIES, **_sized(settings), **settings.properties}.items():
        builder = builder.config(key, value)
    if settings.master:
        check_machine(settings, warehouse)
        for key, value in {**LOCAL_PROPERTIES, **_local(settings), **settings.properties}.items():
            builder = builder.config(key, value)
        builder = builder.master(settings.master)
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _sized(settings: SparkSettings) -> dict[str, str]:
    return {
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        "spark.default.parallelism": str(settings.shuffle_partitions),
        "spark.sql.adaptive.enabled": str(settings.adaptive).lower(),
    }


def _local(settings: SparkSettings) -> dict[str, str]:
    return {
        **(INTERPRETED if settings.short_job else {}),
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.extraClassPath": f"{jars_folder(settings.jars)}/*",
        "spark.driver.extraJavaOptions": _java_options(is_short=bool(settings.short_job)),
    }


def _java_options(*, is_short: bool) -> str:
    """Return the options of the driver's Java. Paths may have spaces."""
    options = ["-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={QUIET.as_uri()}"]
    if is_short:
        options.append(FIRST_COMPILER)
    log = log_file()
    if log is not None:
        options += ["-Dritornello.appender=file", f'"-Dritornello.log={log}"']
    return " ".join(options)


def end_session(spark: SparkSession) -> None:
    """Stop the session, so that the JVM of a submitted job can end.

    In local mode the timer of barrier stages lives in the driver's JVM and would keep it alive for
    ever: after the last line of the job, spark-submit never returned. So the timer is cancelled. In a
    notebook this is not needed, because the JVM belongs to Python and ends with it.
    """
    jvm = spark.sparkContext._jvm
    spark.stop()
    if "PYSPARK_GATEWAY_PORT" in os.environ and jvm is not None:  # spark-submit started us
        with contextlib.suppress(Exception):
            timers = getattr(jvm.org.apache.spark, "BarrierTaskContext$")
            barrier = getattr(timers, "MODULE$")
            getattr(barrier, "org$apache$spark$BarrierTaskContext$$timer")().cancel()


@contextlib.contextmanager
def without_adaptive(spark: SparkSession) -> Iterator[None]:
    """Turn off adaptive execution while the block runs.

    With it, SynapseML's fit crashes or hangs, and ALS gives different factors on a rerun.
    """
    before = spark.conf.get("spark.sql.adaptive.enabled", "false") or "false"
    spark.conf.set("spark.sql.adaptive.enabled", "false")
    try:
        yield
    finally:
        spark.conf.set("spark.sql.adaptive.enabled", before)


def shipped_name(what: str) -> str:
    """Name a file to ship.

    No two files of a session share a name, whatever their content.
    """
    return f"{what}-{uuid.uuid4().hex[:12]}"


def ship_folder(spark: SparkSession, folder: Path) -> None:
    """Ship every file of a temporary folder to the executors.

    Executors fetch a file when they first run a task that needs it, so the folder is removed only
    when the process ends.
    """
    for file in sorted(folder.iterdir()):
        spark.sparkContext.addFile(str(file))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def check_machine(settings: SparkSettings, warehouse: str) -> None:
    """Raise UsageError unless Java 17, the jars and enough memory are there."""
    check_java()  # jars are fetched with it
    check_jars(settings, warehouse)
    free = free_memory()
    if free is not None and free < heap_bytes(settings.driver_memory):
        raise UsageError(
            f"spark.driver_memory is {settings.driver_memory}, but only {free >> 20} MiB are "
            "free: close other programs, or lower it with --set spark.driver_memory=2g"
        )


def check_jars(settings: SparkSettings, warehouse: str) -> str:
    """Return where the jars are. Raise UsageError if they are missing."""
    folder = jars_folder(settings.jars)
    if settings.master and (sentence := missing_s3_jars(warehouse, str(folder))):
        raise UsageError(sentence)
    return f"they are in {folder}"


def check_java() -> str:
    """Return the version of Java and its path. Raise UsageError unless it is 17."""
    java_home = os.environ.get("JAVA_HOME")
    java = str(Path(java_home) / "bin" / "java") if java_home else shutil.which("java")
    if not java or not Path(java).exists():
        raise UsageError("Java is missing: install OpenJDK 17 and put it on PATH or in JAVA_HOME")
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(\d+)', output)
    if not match or match.group(1) != "17":
        version = match.group(1) if match else "unknown"
        raise UsageError(
            f"Java at {java} is version {version}, but Spark 3.5 needs 17: set JAVA_HOME to a Java 17"
        )
    return f"17, at {java}"


def free_memory() -> int | None:
    """Return the bytes of free memory, None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(x.split()[1]) << 10 for x in lines if x.startswith("MemAvailable")), None)
