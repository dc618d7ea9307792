"""Fetch the pinned jars once: ``python -m ritornello.jars <folder> [<lock>]``.

``conf/jars.lock`` lists every file with its SHA-256, and ``conf/jars-s3.lock`` those that only s3a://
needs. Spark's own Ivy resolves the coordinates. Jars that a session does not need (a second SLF4J, a
test framework) are left out.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyspark

LOCK, S3_LOCK = "conf/jars.lock", "conf/jars-s3.lock"
COORDINATES = {
    LOCK: (
        "com.microsoft.azure:synapseml-lightgbm_2.12:1.1.3",
        "io.delta:delta-spark_2.12:3.3.2",
    ),
    S3_LOCK: ("org.apache.hadoop:hadoop-aws:3.3.4",),  # the Hadoop that pyspark brings
}
S3_JAR = "org.apache.hadoop_hadoop-aws-*.jar"
RUN_JARS_S3 = "run `make jars-s3` once, with network access"


def missing_s3_jars(uri: str, folder: str) -> str | None:
    """Return what to say if an s3a:// URI lacks its jars, else None.

    ``folder`` is the folder of jars of a local session.
    """
    if not uri.startswith("s3a://") or any(Path(folder).glob(S3_JAR)):
        return None
    return f"{uri} needs jars that are not in {folder}: {RUN_JARS_S3}"


def fetch(folder: Path, lock: str) -> None:
    """Put every jar of a lock file into the folder.

    Exit with one line if a jar is missing or differs from its pin.
    """
    pins = read_pins(lock)
    if all(_sum(folder / name) == digest for name, digest in pins.items()):
        return
    print("fetching jars (once) ...", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        jars = _resolve(Path(scratch), COORDINATES[lock])
        missing = sorted(name for name in pins if name not in jars)
        if missing:
            sys.exit(
                f"jars could not be fetched ({', '.join(missing)}): check the network and try again"
            )
        wrong = sorted(name for name, digest in pins.items() if _sum(jars[name]) != digest)
        if wrong:
            sys.exit(f"these jars differ from {lock} and were not installed: {', '.join(wrong)}")
        folder.mkdir(parents=True, exist_ok=True)
        for name in pins:
            (folder / name).write_bytes(jars[name].read_bytes())


def read_pins(lock: str) -> dict[str, str]:
    """Read the SHA-256 of each pinned file, by file name."""
    lines = [line.split() for line in Path(lock).read_text().splitlines() if line.strip()]
    return {name: digest for digest, name in lines}


def _resolve(scratch: Path, coordinates: Sequence[str]) -> dict[str, Path]:
    """Let Ivy download the coordinates and their dependencies.

    Return the jar files by name.
    """
    script = scratch / "resolve.py"
    script.write_text("")
    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    packages = ("--packages", ",".join(coordinates))
    ivy = ("--conf", f"spark.jars.ivy={scratch / 'ivy'}")
    command = [str(home / "bin" / "spark-submit"), "--master", "local[1]", *packages, *ivy]
    subprocess.run([*command, str(script)], env=environment, capture_output=True, check=False)
    return {path.name: path for path in (scratch / "ivy" / "jars").glob("*.jar")}


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


if __name__ == "__main__":
    fetch(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else LOCK)
