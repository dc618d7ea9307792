"""The studio as `make studio` serves it, in a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from conftest import ROOT

NOTEBOOK = str(ROOT / "notebooks" / "studio.ipynb")


@dataclass(frozen=True)
class Served:
    """A studio that answers at an address."""

    address: str
    process: int

    def kernels(self) -> list[psutil.Process]:
        """The kernels that the server keeps."""
        below = psutil.Process(self.process).children(recursive=True)
        return [one for one in below if "ipykernel_launcher" in " ".join(_words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@contextmanager
def served(warehouse: Path | str, *options: str) -> Iterator[Served]:
    """Serve a warehouse on a free port until the test is done."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [NOTEBOOK, "--warehouse", str(warehouse), "--port", str(port), *options]
    server = subprocess.Popen(
        [sys.executable, "-m", "ritornello.studio.serve", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield Served(f"http://127.0.0.1:{port}/", server.pid)
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(120):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise AssertionError("the studio did not start within a minute")
