"""What can be wrong with a machine, a warehouse or a command ends in one line with a code of its own."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from damages import commits, cut_in_half, remove
from integration.processes import Ended, ended, generated, started, whole

pytestmark = [pytest.mark.integration, pytest.mark.long]
DOCUMENTED = {0, 2, 3, 5, 7, 8}
AS_OF = ("--as-of", "2025-01-06")


def check(run: Ended, code: int, hint: str) -> None:
    """One line says what happened, without a word of Java's or Python's own.

    Before a slip in an option stands how the command is used.
    """
    everything = "\n".join([*run.lines, *run.errors])
    assert run.code == code, everything
    assert run.code in DOCUMENTED
    assert len(run.errors) == 1 or run.errors[0].startswith("Usage: "), everything
    assert hint in run.errors[-1]
    for word in ("Exception", "Traceback", "bug in Ritornello", "java."):
        assert word not in everything


@pytest.fixture(scope="module")
def plays(tmp_path_factory) -> Path:
    return generated(tmp_path_factory.mktemp("plays"))


@pytest.fixture(scope="module")
def imported(plays, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("imported")
    command = ("import-plays", "--input", str(plays), "--warehouse", str(folder / "w"))
    assert whole(folder, *command).code == 0
    return folder / "w"


@pytest.fixture
def warehouse(imported, tmp_path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(imported, tmp_path / "w"))


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        (b"als:\n  rank: \xff\n", "odd.yaml"),
        (b"als: [1, 2\n", "odd.yaml"),
        (b"imports:\n  earliest_play: 2024-02-31\n", "odd.yaml"),
        (b"als:\n  rnak: 3\n", "als.rnak: unknown key"),
    ],
)
def test_a_file_of_settings(tmp_path, settings, hint):
    (tmp_path / "odd.yaml").write_bytes(settings)
    check(whole(tmp_path, "plan", *AS_OF, "--conf", "odd.yaml"), 2, hint)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("plan", *AS_OF, "--set", "spark.master=nonsense"), "spark.master"),
        (("plan", *AS_OF, "--set", "spark.driver_memory=1m"), "too little"),
        (("plan", *AS_OF, "--warehouse", "nosuch://host/w"), "no file system for nosuch://"),
        (("plan", *AS_OF, "--warehouse", "s3a://bucket/w"), "make jars-s3"),
        (("refresh", "--as-of", "0001-01-01"), "0001-01-01"),
        (("import-plays", "--input", "file/plays"), "file/plays"),
        (("refresh", *AS_OF, "--warehouse", "file/w", "--input", "{plays}"), "file"),
        (("compare", "--data", "{plays}", "--out", "file/out"), "file"),
    ],
)
def test_a_place_or_a_number(plays, tmp_path, arguments, hint):
    (tmp_path / "file").write_text("no folder")
    check(whole(tmp_path, *(word.format(plays=plays) for word in arguments)), 2, hint)


def test_a_night_outside_of_the_plays(warehouse, tmp_path):
    for day in ("2030-01-01", "1990-01-01"):
        for command in ("refresh", "build-features"):
            check(
                whole(tmp_path, command, "--as-of", day, "--warehouse", str(warehouse)), 2, "play"
            )
    assert not (warehouse / "track" / "pair_history").exists()


def test_a_delivery_that_is_not_there(tmp_path):
    check(whole(tmp_path, "import-plays", "--input", "nowhere"), 3, "nowhere")


def test_a_delivery_that_was_cut_off(plays, tmp_path):
    delivery = Path(shutil.copytree(plays, tmp_path / "cut"))
    cut_in_half(next((delivery / "interactions.parquet").rglob("part-*.parquet")))
    command = ("import-plays", "--input", str(delivery), "--warehouse", str(tmp_path / "w"))
    check(whole(tmp_path, *command), 3, "part-")


def test_a_damaged_and_a_missing_file(warehouse, tmp_path):
    file = max((warehouse / "plays").rglob("part-*.parquet"), key=lambda one: one.stat().st_size)
    night = ("refresh", *AS_OF, "--warehouse", str(warehouse))
    cut_in_half(file)
    check(whole(tmp_path, *night), 7, file.name)
    remove(file)
    check(whole(tmp_path, *night), 7, file.name)


def test_a_torn_log(warehouse, tmp_path):
    cut_in_half(commits(warehouse / "plays")[-1])
    check(whole(tmp_path, "refresh", *AS_OF, "--warehouse", str(warehouse)), 7, "plays")


def test_two_imports_of_one_delivery_at_once(plays, tmp_path):
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    command = ("import-plays", "--input", str(plays), "--warehouse", str(tmp_path / "w"))
    processes = [started(folder, *command) for folder in folders]
    runs = [ended(*both, []) for both in zip(processes, folders, strict=True)]
    assert sorted(run.code for run in runs) in ([0, 0], [0, 5])
    for run in runs:
        if run.code:
            check(run, 5, "run ")  # its lease stands, or both took it at once
    assert "nothing new" in whole(folders[0], *command).lines[-1]


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 100 kB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        warnings.warn("NO DISK CAN BE MOUNTED HERE: a full one was not tried", stacklevel=1)
        pytest.skip("no disk can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(plays, tmp_path, small_disk):
    command = ("import-plays", "--input", str(plays), "--warehouse", str(small_disk / "w"))
    check(whole(tmp_path, *command), 8, "make room")
