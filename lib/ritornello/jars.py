"""Fetch the pinned jars once: ``python -m ritornello.jars <folder>``.

``conf/jars.lock`` names every file with its SHA-256. Spark's own Ivy resolves the two coordinates;
what a session does not need (a second SLF4J, a test framework) is left out.
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
    """Put every pinned jar into the folder; exits with one line if one is missing or different."""
    pins = _pins()
    if all(_sum(folder / name) == digest for name, digest in pins.items()):
        return
    print("fetching jars (once) ...", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        found = _resolve(Path(scratch))
        missing = sorted(name for name in pins if name not in found)
        if missing:
            sys.exit(
                f"jars could not be fetched ({', '.join(missing)}): check the network and retry"
            )
        wrong = sorted(name for name, digest in pins.items() if _sum(found[name]) != digest)
        if wrong:
            sys.exit(f"jars differ from conf/jars.lock: {', '.join(wrong)}: do not use them")
        folder.mkdir(parents=True, exist_ok=True)
        for name in pins:
            (folder / name).write_bytes(found[name].read_bytes())


def _pins() -> dict[str, str]:
    """SHA-256 by file name."""
    lines = [line.split() for line in LOCK.read_text().splitlines() if line.strip()]
    return {name: digest for digest, name in lines}


def _resolve(scratch: Path) -> dict[str, Path]:
    """Let Ivy bring the coordinates and all they need; jar files by name."""
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
