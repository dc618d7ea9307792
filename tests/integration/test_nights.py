"""Eight nights in a row, with fits and rankers in between, always equal to a rebuild."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
TESTS = Path(__file__).resolve().parents[1]


def test_eight_nights_with_fits_and_rankers_in_between(tmp_path):
    often = ["night.als_every_days=2", "night.ranker_every_days=4"]
    done = subprocess.run(
        [
            *(sys.executable, TESTS / "sequences/nights.py"),
            *("--nights", "8", "--seed", "1", "--out", tmp_path),
            *(part for setting in often for part in ("--set", setting)),
        ],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 nights, seed 1: 0 differences" in done.stdout
    kinds = [line.split()[1] for line in done.stdout.splitlines() if line.endswith(" ok")]
    assert kinds == ["ranker", "short", "fit", "short", "ranker", "short", "fit", "short"]
