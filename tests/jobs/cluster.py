"""A real standalone cluster on loopback: a master and two workers of one core each.

The workers' Python 3.11 stands in another place than the one the environment was built with.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyspark

from ritornello.jars import LOCK, read_pins

ROOT = Path(__file__).resolve().parents[2]
SPARK_HOME = Path(pyspark.__file__).parent
LOG_LINE = re.compile(r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d (TRACE|DEBUG|INFO|WARN|ERROR) ")
CLASSES = "org.apache.spark.deploy"


@dataclass(frozen=True)
class Finished:
    """A submitted job that ended: its exit code, output, and how long it stayed after its last line."""

    code: int
    output: str
    seconds: float
    lingered_seconds: float

    @property
    def last_sentence(self) -> str:
        """The last line that is not one of Spark's own log lines."""
        lines = self.output.strip().splitlines()
        return next(line for line in reversed(lines) if not LOG_LINE.match(line))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python_elsewhere(folder: Path) -> Path:
    """Copy the interpreter, behind a script that notes each start in a file.

    Returns the folder to put on PATH; ``started`` in it is the file.
    """
    moved, path = folder / "moved", folder / "path"
    for one in (moved / "bin", moved / "lib", path):
        one.mkdir(parents=True)
    shutil.copy(Path(sys._base_executable).resolve(), moved / "bin" / "python3.11")
    (moved / "lib" / "python3.11").symlink_to(sysconfig.get_path("stdlib"))
    script = path / "python3.11"
    lines = ("#!/bin/sh", f'echo "$@" >> {path}/started', f'exec {moved}/bin/python3.11 "$@"')
    script.write_text("\n".join(lines) + "\n")
    script.chmod(0o755)
    return path


def _start(log: Path, *arguments: str, path: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PATH": path,
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
    }
    with log.open("wb") as output:
        command = [str(SPARK_HOME / "bin" / "spark-class"), *arguments]
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def _wait_for(log: Path, words: str, deadline: float = 60) -> None:
    ends = time.monotonic() + deadline
    while time.monotonic() < ends:
        if re.search(words, log.read_text(errors="replace")):
            return
        time.sleep(0.3)
    raise TimeoutError(f"{words!r} never stood in {log}: {log.read_text()[-2000:]}")


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start it, yield the master's address, end all of it."""
    path = f"{python_elsewhere(folder / 'python')}:{os.environ['PATH']}"
    master = f"spark://127.0.0.1:{_free_port()}"
    port = master.rsplit(":", 1)[1]
    logs = [folder / f"{name}.log" for name in ("master", "worker-1", "worker-2")]
    host, web = ("--host", "127.0.0.1"), ("--webui-port", "0")
    running = [_start(logs[0], f"{CLASSES}.master.Master", *host, "--port", port, *web, path=path)]
    try:
        _wait_for(logs[0], "I have been elected leader")
        for log in logs[1:]:
            size = ("--cores", "1", "--memory", "2g", "--work-dir", str(folder / log.stem))
            worker = (f"{CLASSES}.worker.Worker", *host, *size, *web, master)
            running.append(_start(log, *worker, path=path))
        for log in logs[1:]:
            _wait_for(log, "Successfully registered with master")
        yield master
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def submit(master: str, job: str, *arguments: str, cwd: Path, deadline: float = 1500) -> Finished:
    """spark-submit a job as the README shows it: zip, environment and jars are shipped.

    After ``deadline`` seconds it is killed: only a job that hangs takes so long.
    """
    packed = ROOT / "build" / "environment.pex"
    jars = ",".join(str(ROOT / ".jars" / name) for name in read_pins(LOCK))
    command = [
        str(SPARK_HOME / "bin" / "spark-submit"),
        *("--master", master, "--driver-memory", "1g", "--executor-memory", "1500m"),
        *("--py-files", str(ROOT / "build" / "ritornello.zip"), "--jars", jars),
        *("--files", str(packed), "--conf", "spark.pyspark.python=./environment.pex"),
        *("--conf", f"spark.pyspark.driver.python={packed}"),
        *("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.enabled=false"),
        *("--conf", "spark.executorEnv.OPENBLAS_NUM_THREADS=1"),
        str(ROOT / "jobs" / job),
        *arguments,
    ]
    environment = {**os.environ, "SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("PYSPARK_PYTHON", None)
    return _watched(command, environment, cwd, deadline)


def _watched(
    command: list[str], environment: dict[str, str], cwd: Path, deadline: float
) -> Finished:
    started = last = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        command,
        env=environment,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            last = time.monotonic()
            if last - started > deadline:
                process.kill()
        code = process.wait()
    ended = time.monotonic()
    return Finished(code, "".join(lines), ended - started, ended - last)
