"""Build the environment for executors: ``python -m ritornello.packaging <folder> <file>``.

It holds the packages that Python workers import (numpy, pandas, pyarrow, lightgbm, scipy) and those
that a driver on a cluster needs, at the versions of conf/executors.lock. The file is run like Python
itself. It starts whatever Python 3.11 the node has on PATH. pyspark itself comes from the cluster.
"""

import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path("conf/executors.lock")
LEFT_OUT = ("pyspark", "py4j")
RUNS_WITH = "/usr/bin/env python3.11"


def build(folder: Path, file: Path) -> None:
    """Build a fresh environment from the lock file and pack it into one file."""
    shutil.rmtree(folder, ignore_errors=True)
    file.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    requirements, names = folder / "requirements.txt", folder / "names.txt"
    lines = _without(LOCK.read_text(), LEFT_OUT)
    requirements.write_text("\n".join(lines) + "\n")
    names.write_text("".join(f"{line.split()[0]}\n" for line in lines if _is_name(line)))
    install = [_tool("uv"), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    python = ["--python", str(folder / "bin" / "python"), "-r", str(requirements)]
    subprocess.run([*install, *python], check=True)
    # what Spark puts on PYTHONPATH comes after the packed packages
    options = ["--inherit-path=fallback", "--python-shebang", RUNS_WITH, "--output-file", str(file)]
    left_out = [f"--exclude={name}" for name in LEFT_OUT]
    packed = ["-r", str(names), "--venv-repository", str(folder)]
    pack = [_tool("pex"), *packed, *left_out, *options]
    subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _is_name(line: str) -> bool:
    return "==" in line and not line[0].isspace()


def _without(lock: str, names: tuple[str, ...]) -> list[str]:
    """Drop packages from the lines of a lock file, with their hashes."""
    kept, keep = [], True
    for line in lock.splitlines():
        if _is_name(line):
            keep = line.split("==")[0].strip() not in names
        if keep:
            kept.append(line)
    return kept


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
