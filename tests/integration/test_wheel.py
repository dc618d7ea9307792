"""The wheel in an environment of its own runs from an empty folder, with only Java beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.nights import SMALLEST_OPTIONS

pytestmark = [pytest.mark.integration, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")


def run(*command: object, **options) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


@pytest.fixture(scope="module")
def ritornello(tmp_path_factory) -> Path:
    """The command in a fresh environment that has the wheel and its locked dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    python = ("--python", sys.executable)
    options = ("--wheel", "--no-build-isolation", "--out-dir", folder / "dist")
    run(UV, "build", "--quiet", *options, *python, cwd=ROOT)
    run(UV, "venv", "--quiet", *python, folder / "environment")
    (wheel,) = (folder / "dist").glob("*.whl")
    install = (
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        folder / "environment" / "bin" / "python",
    )
    run(*install, "--require-hashes", "-r", ROOT / "conf" / "executors.lock")
    run(*install, "--no-deps", wheel)
    return folder / "environment" / "bin" / "ritornello"


def test_a_night_from_an_empty_folder_with_a_space_in_its_name(ritornello, tmp_path):
    empty = tmp_path / "an empty folder"
    empty.mkdir()
    kept = {key: os.environ[key] for key in os.environ if not key.startswith("PYTHON")}
    environment = {**kept, "XDG_CACHE_HOME": str(tmp_path / "a cache"), "HOME": str(tmp_path)}
    here = {"cwd": empty, "env": environment}
    made = run(ritornello, "generate", "--out", "plays", *SMALLEST_OPTIONS, **here)
    assert "fetching" in made.stderr
    night = ("refresh", "--input", "plays", "--as-of", "2025-01-06")
    done = run(ritornello, *night, *SMALLEST_OPTIONS, **here)
    assert done.stderr == ""
    assert "metrics of" in done.stdout
    assert "nothing to do" in run(ritornello, *night, *SMALLEST_OPTIONS, **here).stdout
    listener = run(ritornello, "listeners", "--top", "1", **here).stdout.split("recommend ")[1]
    assert "mixed for" in run(ritornello, "recommend", listener.strip(), **here).stdout
    assert "no faults" in run(ritornello, "doctor", **here).stdout
    assert (tmp_path / "a cache" / "ritornello").is_dir()
    assert {path.name for path in empty.iterdir()} <= {"plays", "warehouse"}
