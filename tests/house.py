"""Measure the house: the way of imports, the size of rooms and files, and plain English.

    python tests/house.py           print the figures; exit 1 if one of them got worse
    python tests/house.py --store   store tonight's counts of plain English as the new bar

Imports go one way: a room may use what stands above it in ``ORDER``. The stored counts may only
fall, so that every file which is rewritten is written in plain English.
"""

import ast
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lib" / "ritornello"
STORED = ROOT / "tests" / "house.json"

# from the ground up; a room uses rooms of earlier lines, never one of its own line or a later one
GROUND = (
    "errors, arrays, packaging, progress, process, resources, logfile, interrupts",
    "jars, instants, hashing, telemetry, code_version, explain",
    "as_of, settings, arrow, interpreted",
    "session, tables, scratch, identity",
    "heartbeat",
    "one_driver",
    "job",
    "lease, sources, plays, features, report, listener",
    "generator",
)
PURE = (
    "catalogue, popularity, models, sequence, evaluation, shelves, statistics, playlists",
    "candidates",
    "ranking, methods, artists, studio",
)
WINGS = ("intake", "night", "study, upkeep")
DOOR = ("commands", "cli")
ORDER = (*GROUND, *PURE, *WINGS, *DOOR)
# the same inside the wings; a folder's own files stand at its end
INSIDE = {
    "intake": ("", "catalogue"),
    "night": ("state", "lists", "judging, publication", ""),
    "study": ("", "artists"),
    "sources": ("", "formats"),
    "tables": ("contracts", ""),
}
MOST_LINES = 250
MOST_SHARE = 0.15
MOST_WORDS = 14
QUESTIONS = {"What", "Which", "How", "Who", "Whose"}
PARTICIPLES = {"told", "found", "asked", "held"}
# first lines and bindings at the commit from which the share that has fallen is counted
SINCE = "47c0fa6"
AT_FIRST = {"lines": 1437, "semicolon": 290, "long": 542, "question": 144, "bindings": 326}


@dataclass(frozen=True)
class Import:
    """One import of a module of the package by another."""

    by: tuple[str, ...]
    of: tuple[str, ...]


def files() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def module_of(file: Path) -> tuple[str, ...]:
    """The parts of a module's name below the package; a folder stands for its __init__.py."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imports() -> Iterator[Import]:
    """Every import inside the package, module by module."""
    modules = {module_of(file) for file in files()}
    for file in files():
        for node in ast.walk(ast.parse(file.read_text())):
            for name in _names(node):
                whole = tuple(name.split(".")[1:])
                of = whole if whole in modules else whole[:-1]
                if of and of != module_of(file):
                    yield Import(module_of(file), of)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names if one.name.startswith("ritornello.")]
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ritornello":
        return [f"{node.module}.{one.name}" for one in node.names]
    return []


def floor_of(room: str, order: Iterable[str]) -> int:
    """The line of ``order`` that a room stands on."""
    for floor, rooms in enumerate(order):
        if room in rooms.split(", "):
            return floor
    raise ValueError(f"{room or 'a file of its own'} has no place in the house: add it to ORDER")


def upward() -> list[Import]:
    """Imports of a room by one that stands below it, or beside it."""
    return [one for one in imports() if not _goes_down(one)]


def _goes_down(one: Import) -> bool:
    by, of = one.by[0], one.of[0]
    if by == of:
        if by not in INSIDE:
            return True
        rooms = [path[1] if len(path) > 2 or _is_folder(path) else "" for path in (one.by, one.of)]
        floors = [floor_of(room, INSIDE[by]) for room in rooms]
        return rooms[0] == rooms[1] or floors[1] < floors[0]
    return floor_of(of, ORDER) < floor_of(by, ORDER)


def _is_folder(path: tuple[str, ...]) -> bool:
    return len(path) == 2 and PACKAGE.joinpath(*path).is_dir()


def circles() -> list[list[str]]:
    """A circle of modules that import each other, if there is one."""
    graph: dict[str, set[str]] = {}
    for one in imports():
        graph.setdefault(".".join(one.by), set()).add(".".join(one.of))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [error.args[1]]
    return []


def sizes() -> Counter[str]:
    """Lines of every room, files of the package's root each by themselves."""
    lines: Counter[str] = Counter()
    for file in files():
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        lines[room] += len(file.read_text().splitlines())
    return lines


def long_files() -> list[Path]:
    """Files that do not fit in one sitting."""
    return [file for file in files() if len(file.read_text().splitlines()) > MOST_LINES]


def plain_english() -> dict[str, int]:
    """Count first lines of docstrings that break the house style, and participles as names."""
    counts = dict.fromkeys(AT_FIRST, 0)
    for file in files():
        tree = ast.parse(file.read_text())
        for line in first_lines(tree):
            words = line.split()
            counts["lines"] += 1
            counts["semicolon"] += ";" in line
            counts["long"] += len(words) > MOST_WORDS
            counts["question"] += words[0].strip("`,.:") in QUESTIONS
        counts["bindings"] += sum(name in PARTICIPLES for name in bindings(tree))
    return counts


def first_lines(tree: ast.AST) -> Iterator[str]:
    """The first line of every docstring; a sentence that runs on counts whole."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        text = ast.get_docstring(node) if isinstance(node, kinds) else None
        if text:
            yield " ".join(text.split("\n\n")[0].split())


def bindings(tree: ast.AST) -> Iterator[str]:
    """Every name that is bound: assigned, looped over, a parameter, or a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name.lstrip("_")


def report(counts: dict[str, int]) -> list[tuple[str, str, bool]]:
    """One (figure, what it says, whether it holds) per line of the check."""
    bar = json.loads(STORED.read_text())
    lines = sizes()
    room, most = lines.most_common(1)[0]
    share = most / lines.total()
    figures = [
        ("imports upward", _listed([f"{_name(i.by)} uses {_name(i.of)}" for i in upward()]), None),
        ("circles", _listed([" -> ".join(circle) for circle in circles()]), None),
        ("files over 250 lines", _listed([str(f.relative_to(ROOT)) for f in long_files()]), None),
        ("largest room", f"{room}, {share:.1%} of {lines.total():,} lines", share <= MOST_SHARE),
    ]
    names = {
        "semicolon": "first lines with a semicolon",
        "long": f"first lines of more than {MOST_WORDS} words",
        "question": "first lines that begin with a question word",
        "bindings": "names bound as told, found, asked, held",
    }
    for key, name in names.items():
        fallen = 1 - counts[key] / AT_FIRST[key]
        of = "" if key == "bindings" else f" of {counts['lines']:,} ({_share(counts, key):.1%})"
        text = f"{counts[key]}{of}, fallen by {fallen:.0%} since {SINCE}, at most {bar[key]}"
        figures.append((name, text, counts[key] <= bar[key]))
    return [(name, text, text == "0" if ok is None else ok) for name, text, ok in figures]


def _share(counts: dict[str, int], key: str) -> float:
    return counts[key] / counts["lines"]


def _listed(places: list[str]) -> str:
    return "; ".join([str(len(places)), *places])


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path)


def main(arguments: list[str]) -> int:
    """Print the report; store the counts if asked to."""
    counts = plain_english()
    if arguments == ["--store"]:
        kept = {key: counts[key] for key in ("semicolon", "long", "question", "bindings")}
        STORED.write_text(json.dumps(kept, indent=2) + "\n")
    failed = False
    for name, text, holds in report(counts):
        failed |= not holds
        print(f"{'  ' if holds else '! '}{name:<46} {text}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
