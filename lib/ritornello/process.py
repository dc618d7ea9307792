"""Recognise a process, to tell whether the owner of a lease was killed."""

import json
import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Process:
    """One process: ``place`` is the machine since its start, ``started`` when the process began."""

    place: str
    pid: int
    started: str

    def __str__(self) -> str:
        return json.dumps([self.place, self.pid, self.started])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a process from the text that ``str`` makes of it."""
        return cls(*json.loads(text))


def this_process() -> Process:
    """Return the process that runs this code."""
    return Process(_place(), os.getpid(), _started(os.getpid()) or "")


def is_surely_dead(process: Process) -> bool:
    """Tell whether a process is gone, as far as this machine can know.

    A process of another machine, boot or container may be alive, so the result is False. If the
    process id now belongs to a later process, the start times differ, and the result is True.
    """
    if process.place != _place() or not process.started:
        return False
    return _started(process.pid) != process.started


def _place() -> str:
    """Name the machine, its boot and its namespace of process ids."""
    marks = [socket.gethostname()]
    for file in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        path = Path(file)
        if path.is_symlink():
            marks.append(os.readlink(path))
        elif path.is_file():
            marks.append(path.read_text().strip())
    return " ".join(marks)


def _started(pid: int) -> str | None:
    """Return when a process began.

    None if there is no such process.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]  # a zombie writes nothing any more
    listed = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip() or None
