"""Find the pinned jars, or fetch them once: ``python -m ritornello.jars <folder> [<lock>]``.

A session takes the jars of RITORNELLO_JARS, else of the setting, else of the checkout, else of the
user's cache, which is filled on first use.

``conf/jars.lock`` lists every file with its SHA-256, and ``conf/jars-s3.lock`` those that only s3a://
needs. Spark's own Ivy resolves the coordinates. Jars that a session does not need (a second SLF4J, a
test framework) are left out.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from ritornello.errors import UsageError
from ritornello.resources import CHECKOUT, conf_folder

JARS = "RITORNELLO_JARS"
LOCK, S3_LOCK = "jars.lock", "jars-s3.lock"
COORDINATES = {
    LOCK: (
        "com.microsoft.azure:synapseml-lightgbm_2.12:1.1.3",
        "io.delta:delta-spark_2.12:3.3.2",
        "com.globalmentor:hadoop-bare-naked-local-fs:0.1.0",  # local files without a shell
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


def jars_folder(setting: str | None) -> Path:
    """Return the folder of the jars. It may be the cache, filled now.

    Raises UsageError if a folder that somebody named has none, or if they cannot be fetched.
    """
    named = os.environ.get(JARS) or setting
    folder = Path(named) if named else CHECKOUT.parent / ".jars"
    lacking = sorted(name for name in read_pins(LOCK) if not (folder / name).is_file())
    if not lacking:
        return folder.resolve()
    if named or (CHECKOUT / LOCK).is_file():
        others = f" and {len(lacking) - 1} more jars" if len(lacking) > 1 else ""
        raise UsageError(
            f"{folder} lacks {lacking[0]}{others}: run `make jars` once, with network access"
        )
    return _filled_cache()


def _filled_cache() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    mark = hashlib.sha256((conf_folder() / LOCK).read_bytes()).hexdigest()[:12]
    folder = Path(cache) / "ritornello" / f"jars-{mark}"
    if not (folder / ".ready").exists():
        fetch(folder, LOCK)
        (folder / ".ready").touch()
    return folder


def fetch(folder: Path, lock: str) -> None:
    """Put every jar of a lock file into the folder, unless it is there.

    Raises UsageError if a jar is missing or differs from its pin.
    """
    pins = read_pins(lock)
    if all(_sum(folder / name) == digest for name, digest in pins.items()):
        return
    print(f"fetching {len(pins)} jars into {folder} (once) ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as scratch, _megabytes(Path(scratch)):
        jars = _resolve(Path(scratch), COORDINATES[lock])
        missing = sorted(name for name in pins if name not in jars)
        if missing:
            raise UsageError(
                f"jars could not be fetched ({', '.join(missing)}): check the network and try again"
            )
        wrong = sorted(name for name, digest in pins.items() if _sum(jars[name]) != digest)
        if wrong:
            raise UsageError(
                f"{', '.join(wrong)}: not installed, because the checksum differs from conf/{lock}: "
                "check the mirror or proxy that the jars come from, and try again"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name in pins:
            (folder / name).write_bytes(jars[name].read_bytes())


def read_pins(lock: str) -> dict[str, str]:
    """Read the SHA-256 of each pinned file, by file name."""
    text = (conf_folder() / lock).read_text()
    return {name: digest for digest, name in (line.split() for line in text.splitlines() if line)}


@contextmanager
def _megabytes(folder: Path) -> Iterator[None]:
    """Show on a terminal how much arrives in a folder."""
    console, over = Console(stderr=True), threading.Event()
    if not console.is_terminal:
        yield
        return

    def watch() -> None:
        with console.status("") as status:
            while not over.wait(0.5):
                size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
                status.update(f"{size >> 20:,} MiB have arrived")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(timeout=2)


def _resolve(scratch: Path, coordinates: Sequence[str]) -> dict[str, Path]:
    """Let Ivy download the coordinates and their dependencies.

    Return the jar files by name.
    """
    import pyspark  # a second that a session pays anyway, and help should not

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
    try:
        fetch(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else LOCK)
    except UsageError as error:
        sys.exit(str(error))
