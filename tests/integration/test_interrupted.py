"""Ctrl-C and SIGTERM in the middle of a command: one line, nothing left behind, and it goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from integration.processes import ROOT, Ended, ended, generated, started, whole
from ritornello.listener.reader import Reader

pytestmark = [pytest.mark.integration, pytest.mark.long]
NIGHT = "2025-01-06"
SENTENCE = "interrupted: nothing is half written, run the same command again to continue"


def interrupted(folder: Path, number: int, after: int, *arguments: str) -> Ended:
    """Send a signal shortly after the command has printed so many lines."""
    process, lines = started(folder, *arguments), []
    assert process.stdout is not None
    while len(lines) < after and (line := process.stdout.readline()):
        lines.append(line.rstrip())
    time.sleep(3.0 if after == 0 else 0.7)
    process.send_signal(number)
    return ended(process, folder, lines)


def check(run: Ended, number: int, warehouse: Path) -> None:
    assert run.code == 128 + number, (run.lines[-3:], run.errors)
    assert run.errors == [SENTENCE]
    assert run.left == []
    assert no_lease(warehouse)


def no_lease(warehouse: Path) -> bool:
    beats = warehouse / "heartbeats"
    tables = Reader(str(warehouse))
    if not tables.has("leases"):
        return True
    until = tables.read("leases", ("expires_at",))["expires_at"].max()
    beating = [one for one in beats.glob("*") if not one.name.startswith(".")]
    return bool(until <= pd.Timestamp.now("UTC")) and not beating


def lists(warehouse: Path) -> pd.DataFrame:
    columns = ["source_user_id", "list", "rank", "source_track_id"]
    rows = Reader(str(warehouse)).read("recommendations", columns)
    return rows.sort_values(columns[:3]).reset_index(drop=True)


@pytest.fixture(scope="module")
def plays(tmp_path_factory) -> Path:
    return generated(tmp_path_factory.mktemp("plays"))


# lines of output after which the signal comes: at the start, in the import, in features, in a fit, late
MOMENTS = ((signal.SIGINT, 0), (signal.SIGTERM, 2), (signal.SIGINT, 7), (signal.SIGTERM, 9))


def test_a_night_that_was_stopped_again_and_again_ends_as_one_that_was_not(plays, tmp_path):
    refresh = ("refresh", "--input", str(plays), "--as-of", NIGHT, "--warehouse")
    stopped, straight = tmp_path / "stopped", tmp_path / "straight"
    for number, after in MOMENTS:
        check(interrupted(tmp_path, number, after, *refresh, str(stopped)), number, stopped)
    assert whole(tmp_path, *refresh, str(stopped)).code == 0
    assert whole(tmp_path, *refresh, str(straight)).code == 0
    assert len(lists(straight)) > 1000
    pd.testing.assert_frame_equal(lists(stopped), lists(straight))


ASLEEP = """
import os, signal, sys, time
from ritornello.session import build_session
from ritornello.settings.session import SparkSettings
spark = build_session(SparkSettings(master="local[1]", driver_memory="1g", jars=sys.argv[1]), name="x")
kept = spark.range(100).persist()
assert kept.count() == 100
java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
os.kill(java, signal.SIGSTOP)
time.sleep(200)
os.kill(java, signal.SIGCONT)
time.sleep(30)
assert kept.count() == 100
"""


def test_a_session_goes_on_after_the_machine_has_slept(tmp_path):
    """Spark takes an executor without a heartbeat for dead after two to three minutes."""
    log = tmp_path / "r.log"
    path = {"PYTHONPATH": os.pathsep.join(sys.path), "RITORNELLO_LOG": str(log)}
    command = [sys.executable, "-c", ASLEEP, str(ROOT / ".jars")]
    run = subprocess.run(command, env={**os.environ, **path}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert not log.exists() or "Ignoring error" not in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [1.0, 5.0, 7.0, 9.0, 12.0])
def test_an_import_can_be_stopped_at_any_moment(plays, tmp_path, number, seconds):
    command = ("import-plays", "--input", str(plays), "--warehouse", str(tmp_path / "w"))
    process = started(tmp_path, *command)
    time.sleep(seconds)
    process.send_signal(number)
    run = ended(process, tmp_path, [])
    if run.code:  # else it was done before
        check(run, number, tmp_path / "w")
    assert whole(tmp_path, *command).code == 0
    deliveries = Reader(str(tmp_path / "w")).read("deliveries", ("plays_kept",))
    plays_kept = int(deliveries["plays_kept"].sum())
    assert Reader(str(tmp_path / "w")).size("plays")["rows"] == plays_kept > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [1.0, 8.0, 16.0, 24.0, 40.0])
def test_a_comparison_can_be_stopped_at_any_moment(plays, tmp_path, number, seconds):
    methods = ("--methods", "most_popular,als")
    command = ("compare", "--data", str(plays), *methods, "--out", str(tmp_path / "out"))
    process = started(tmp_path, *command)
    time.sleep(seconds)
    process.send_signal(number)
    run = ended(process, tmp_path, [])
    if run.code:
        assert run.code == 128 + number, run.errors
        assert run.errors == [SENTENCE]
        assert run.left == []
    assert whole(tmp_path, *command).code == 0
    assert (tmp_path / "out" / "report.html").exists()
