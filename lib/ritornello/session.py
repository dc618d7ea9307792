"""The one place where Spark is configured, with the reason of every setting."""

import atexit
import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import SparkSession

from ritornello.errors import UsageError
from ritornello.settings.session import SparkSettings

SESSION_PROPERTIES = {
    # a missing time zone would shift every instant, a lenient parser would accept '2024'
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.ansi.enabled": "false",
    # a flipped bit in a page is else read silently
    "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # small Delta logs do not deserve 50 tasks, nor a parallel listing
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    # one thread per Python worker: tasks are the parallelism
    "spark.executorEnv.OMP_NUM_THREADS": "1",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    # the default of 100 compiles the same query anew for every day of a night
    "spark.sql.codegen.cache.maxEntries": "2000",
    # a checkpointed frame has no known size, so Spark would shuffle a filter for every join with one;
    # where filtering pays, features/narrow.py does it
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
    # barrier stages of the fit need slots that stay
    "spark.speculation": "false",
    "spark.dynamicAllocation.enabled": "false",
}

QUIET = Path(__file__).with_name("log4j2.properties")

LOCAL_PROPERTIES = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def build_session(settings: SparkSettings, *, name: str) -> SparkSession:
    """A session for one job. Stop it in a ``finally``, or the process may never end."""
    builder = SparkSession.builder.appName(name)
    for key, value in {**SESSION_PROPERTIES, **_sized(settings), **settings.properties}.items():
        builder = builder.config(key, value)
    if settings.master:
        check_machine(settings)
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
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.extraClassPath": f"{Path(settings.jars).resolve()}/*",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{QUIET} -XX:+UseSerialGC",
    }


def end_session(spark: SparkSession) -> None:
    """Stop the session; a submitted job's own JVM can then end.

    In local mode the timer of barrier stages lives in the driver's JVM and keeps it for ever: the
    job had said its last line, and spark-submit never came back. Nobody needs it any more there; in
    a notebook the JVM belongs to Python and ends with it.
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
    """Adaptive execution off: with it SynapseML's fit dies or hangs, and ALS does not repeat."""
    before = spark.conf.get("spark.sql.adaptive.enabled", "false") or "false"
    spark.conf.set("spark.sql.adaptive.enabled", "false")
    try:
        yield
    finally:
        spark.conf.set("spark.sql.adaptive.enabled", before)


def ship_folder(spark: SparkSession, folder: Path) -> None:
    """Ship every file of a temporary folder to the executors; it goes when the process ends.

    Executors fetch a file whenever they first run a task that needs it: it must stay until then.
    """
    for file in sorted(folder.iterdir()):
        spark.sparkContext.addFile(str(file))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def check_machine(settings: SparkSettings) -> None:
    """Java 17, the jars and enough memory, or one line that says what to do."""
    _check_java()
    if not any(Path(settings.jars).glob("io.delta_delta-spark_*.jar")):
        raise UsageError(f"no jars in {settings.jars}: run `make jars` once (it needs the network)")
    wanted = _bytes(settings.driver_memory)
    available = _available_bytes()
    if available is not None and available < wanted:
        raise UsageError(
            f"spark.driver_memory is {settings.driver_memory}, but only {available >> 20} MiB are "
            "free: close something or --set spark.driver_memory=2g"
        )


def _check_java() -> None:
    java_home = os.environ.get("JAVA_HOME")
    java = str(Path(java_home) / "bin" / "java") if java_home else shutil.which("java")
    if not java or not Path(java).exists():
        raise UsageError("Java is missing: install OpenJDK 17 and put it on PATH or in JAVA_HOME")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if not found or found.group(1) != "17":
        version = found.group(1) if found else "unknown"
        raise UsageError(f"Java {version} at {java}: Spark 3.5 needs Java 17, set JAVA_HOME to one")


def _bytes(size: str) -> int:
    return int(size[:-1]) << {"m": 20, "g": 30}[size[-1]]


def _available_bytes() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(x.split()[1]) << 10 for x in lines if x.startswith("MemAvailable")), None)
