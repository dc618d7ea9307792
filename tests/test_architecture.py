"""The house: imports go one way, only a few know the store, nobody imports lib."""

import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lib" / "ritornello"
ROOMS = {
    "sources",
    "plays",
    "catalogue",
    "features",
    "models",
    "shelves",
    "candidates",
    "ranking",
    "evaluation",
    "popularity",
    "methods",
    "report",
    "listener",
    "studio",
    "playlists",
    "artists",
    "statistics",
}
WINGS = {"intake", "night", "study", "upkeep"}
KNOW_THE_STORE = {"job", "lease", "tables", *WINGS}
# a room may use what stands before it on the way of the data
BASE = {
    "errors",
    "instants",
    "as_of",
    "arrow",
    "arrays",
    "hashing",
    "settings",
    "interpreted",
    "session",
    "tables",
}
RUNS = BASE | {"job", "lease", "scratch", "code_version"}
PURE = {
    *("features", "popularity", "models", "evaluation", "shelves", "candidates", "ranking"),
    *("methods", "artists", "statistics", "report", "playlists", "catalogue", "sequence"),
}
MAY_USE = {
    "tables": BASE,
    "identity": BASE,
    "sources": BASE | {"identity"},
    "generator": BASE | {"sources"},
    "plays": BASE | {"sources"},
    "catalogue": BASE,
    "features": BASE,
    "popularity": BASE | {"features"},
    "models": BASE,
    "sequence": BASE,
    "evaluation": BASE,
    "shelves": BASE,
    "candidates": BASE | {"features", "models", "shelves"},
    "ranking": BASE | {"features", "shelves", "candidates", "evaluation"},
    "methods": BASE | {"features", "shelves", "candidates", "popularity", "models", "sequence"},
    "artists": BASE | {"features", "models", "evaluation"},
    "statistics": BASE | {"features"},
    "report": BASE,
    "listener": BASE,
    "playlists": BASE | {"features"},
    "studio": BASE | {"listener", "playlists", "report"},
    "intake": RUNS | {"identity", "sources", "plays", "catalogue"},
    "night": RUNS | PURE | {"identity", "intake"},
    "study": RUNS | PURE | {"sources", "plays", "intake", "night"},
    "upkeep": RUNS | {"night", "listener", "process"},
    "commands": RUNS | PURE | {"sources", "generator", "listener", "resources", *WINGS},
}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "ritornello" and len(parts) > 1 else None


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("room", sorted(MAY_USE))
def test_rooms_use_only_what_stands_before_them(room):
    for file in (PACKAGE / room).rglob("*.py"):
        used = {room_of(name) for name in imported(file)} - {None, room, "__version__"}
        assert used <= MAY_USE[room], f"{file.relative_to(ROOT)} uses {used - MAY_USE[room]}"


def test_only_wings_and_jobs_know_the_store():
    knowing = {
        file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for file in FILES
        if any(name.startswith("ritornello.tables.store") for name in imported(file))
    }
    assert knowing <= KNOW_THE_STORE


@pytest.mark.parametrize("module", ["report", "commands.listener"])
def test_what_serves_people_needs_no_spark(module):
    loads = f"import sys, ritornello.{module}; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads]).returncode == 0


def test_playlists_are_chosen_without_spark():
    rooms = "choose, export, moments, order, scores"
    loads = (
        f"import sys; from ritornello.playlists import {rooms}; sys.exit('pyspark' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", loads]).returncode == 0


def test_nobody_imports_lib():
    for file in [*FILES, *(ROOT / "jobs").glob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        assert not any(n == "lib" or n.startswith("lib.") for n in imported(file)), file


def test_jobs_are_thin_and_every_one_is_a_command():
    from ritornello.cli import cli

    known = cli.list_commands(click.Context(cli))
    for file in (ROOT / "jobs").glob("*.py"):
        assert len(file.read_text().splitlines()) <= 22
        assert file.stem.replace("_", "-") in known


def test_no_clock_below_the_jobs():
    for room in ROOMS:
        for file in (PACKAGE / room).rglob("*.py"):
            text = file.read_text()
            for clock in ("now(", "current_timestamp", "current_date", "today(", "time.time"):
                assert clock not in text, f"{file.relative_to(ROOT)} asks the clock: {clock}"


def test_the_package_is_not_hidden_by_the_ignore_file():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert not {"lib", "lib/", "lib/*"} & set(ignored)
