"""The command line as a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from jobs.nights import CONF, SMALLEST_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
RUN = "from ritornello.cli import main; main()"
SMALL = (
    *("--conf", str(CONF), "--set", f"spark.jars={ROOT / '.jars'}"),
    *SMALLEST_OPTIONS,
)


@dataclass(frozen=True)
class Ended:
    """A command that ended, and the files that it left in its folder of temporary files."""

    code: int
    lines: list[str]
    errors: list[str]
    left: list[str]


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "SPARK_LOCAL_DIRS": str(temporary),
        "RITORNELLO_LOG": str(folder / "r.log"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments, *SMALL],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str], folder: Path, lines: list[str]) -> Ended:
    out, err = process.communicate(timeout=300)
    left = [path.name for path in (folder / "temporary").iterdir() if "hsperf" not in path.name]
    return Ended(process.returncode, [*lines, *out.splitlines()], err.splitlines(), left)


def whole(folder: Path, *arguments: str) -> Ended:
    return ended(started(folder, *arguments), folder, [])


def generated(folder: Path) -> Path:
    """A delivery of the smallest listening there is, in the folder."""
    assert whole(folder, "generate", "--out", str(folder / "plays")).code == 0
    return folder / "plays"
