"""Build the environment that executors unpack: ``python -m ritornello.packaging <folder> <archive>``.

It holds the packages that Python workers import (numpy, pandas, pyarrow, lightgbm, scipy) and those
that a driver on a cluster needs, at the versions of conf/executors.lock. pyspark itself comes from
the cluster. venv-pack links the interpreter, so every node needs the same Python 3.11 at the same
path.
"""

import shutil
import subprocess
import sys
from pathlib import Path

LEFT_OUT = {"pyspark", "py4j"}


def build(folder: Path, archive: Path) -> None:
    """Build a fresh environment from the lock file and pack it."""
    shutil.rmtree(folder, ignore_errors=True)
    archive.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(_without(Path("conf/executors.lock").read_text(), LEFT_OUT))
    uv = Path(sys.executable).with_name("uv")
    install = [str(uv), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    python = ["--python", str(folder / "bin" / "python"), "-r", str(requirements)]
    subprocess.run([*install, *python], check=True)
    pack = Path(sys.executable).with_name("venv-pack")
    options = ["--prefix", str(folder), "--output", str(archive), "--quiet"]
    subprocess.run([str(pack), *options, "--compress-level", "1"], check=True)


def _without(lock: str, names: set[str]) -> str:
    kept, keep = [], True
    for line in lock.splitlines():
        if line and not line[0].isspace() and "==" in line:
            keep = line.split("==")[0].strip() not in names
        if keep:
            kept.append(line)
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
