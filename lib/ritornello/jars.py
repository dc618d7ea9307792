"""Fetch the pinned jars once: ``python -m ritornello.jars <folder>``.

``conf/jars.lock`` lists every file with its SHA-256. Spark's own Ivy resolves the two coordinates.
Jars that a session does not need (a second SLF4J, a test framework) are left out.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyspark

COORDINATES = (
    "com.microsoft.azure:synapseml-lightgbm_2.12:1.1.3",
    "io.delta:delta-spark_2.12:3.3.2",
)
LOCK = Path("conf/jars.lock")


def fetch(folder: Path) -> None:
    """Put every pinned jar into the folder.

    Exit with one line if a jar is missing or differs from its pin.
    """
    pins = _pins()
    if all(_sum(folder / name) == digest for name, digest in pins.items()):
        return
    print("fetching jars (once) ...", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        jars = _resolve(Path(scratch))
        missing = sorted(name for name in pins if name not in jars)
        if missing:
            sys.exit(
                f"jars could not be fetched ({', '.join(missing)}): check the network and try again"
            )
        wrong = sorted(name for name, digest in pins.items() if _sum(jars[name]) != digest)
        if wrong:
            sys.exit(
                f"these jars differ from conf/jars.lock and were not installed: {', '.join(wrong)}"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name in pins:
            (folder / name).write_bytes(jars[name].read_bytes())


def _pins() -> dict[str, str]:
    """Read the SHA-256 of each pinned file, by file name."""
    lines = [line.split() for line in LOCK.read_text().splitlines() if line.strip()]
    return {name: digest for digest, name in lines}


def _resolve(scratch: Path) -> dict[str, Path]:
    """Let Ivy download the coordinates and their dependencies.

    Return the jar files by name.
    """
    script = scratch / "resolve.py"
    script.write_text("")
    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    packages = ("--packages", ",".join(COORDINATES))
    ivy = ("--conf", f"spark.jars.ivy={scratch / 'ivy'}")
    command = [str(home / "bin" / "spark-submit"), "--master", "local[1]", *packages, *ivy]
    subprocess.run([*command, str(script)], env=environment, capture_output=True, check=False)
    return {path.name: path for path in (scratch / "ivy" / "jars").glob("*.jar")}


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
