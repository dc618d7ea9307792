"""How soon the random sequences notice that the incremental code is wrong.

    PYTHONPATH=tests python tests/sequences/mutants.py --most 50 --seed 1

Each mutant is a copy of the package with one change. Sequences are lived through on it until one
differs from the model or from a rebuild. Prints after how many, and exits 1 if a mutant lives on.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIVES = Path(__file__).with_name("lives.py")


@dataclass(frozen=True)
class Mutant:
    """One change of the code: a text that stands once in a file, and what comes in its place."""

    name: str
    file: str
    text: str
    instead: str


MUTANTS = (
    Mutant(
        "a month that changed is not counted again",
        "night/state/months.py",
        'F.col("_changed") > counted_at',
        "F.lit(False)",
    ),
    Mutant(
        "removed and corrected plays pass for added ones",
        "intake/changes.py",
        'F.col("reason") != ADDED',
        'F.col("reason") == "nothing"',
    ),
    Mutant(
        "a late play does not make its listener due",
        "night/state/due.py",
        "played.unionByName(changed).unionByName(their_turn)",
        "played.unionByName(their_turn)",
    ),
    Mutant(
        "a night goes on from one that was taken back",
        "night/publication/passed.py",
        "if night not in back and ",
        "if ",
    ),
    Mutant(
        "new plays count among the plays before them",
        "features/changes.py",
        'F.col("_all_plays") - F.col("plays")',
        'F.col("_all_plays")',
    ),
)


def write_mutant(mutant: Mutant, folder: Path) -> Path:
    """Copy the package with the mutant's change, and return the folder to import it from."""
    library = folder / "lib"
    shutil.copytree(ROOT / "lib", library, ignore=shutil.ignore_patterns("__pycache__"))
    file = library / "ritornello" / mutant.file
    code = file.read_text(encoding="utf-8")
    assert code.count(mutant.text) == 1, f"{mutant.file}: {mutant.text!r} must stand there once"
    file.write_text(code.replace(mutant.text, mutant.instead), encoding="utf-8")
    return library


def hunt(mutant: Mutant, *, most: int, seed: int, length: int) -> str | None:
    """Live through sequences on a mutant; say which found it, or None."""
    with tempfile.TemporaryDirectory(prefix="ritornello-mutant-") as folder:
        library = write_mutant(mutant, Path(folder))
        paths = os.pathsep.join([str(library), str(ROOT / "tests")])
        command = [sys.executable, str(LIVES), "--workers", "1", "--no-shrink", "--stop"]
        command += ["--sequences", str(most), "--seed", str(seed), "--length", str(length)]
        run = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    lived = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if not lived or not lived[-1]["wrong"]:
        return None
    last = lived[-1]
    return f"{len(lived)} sequences (seed {last['seed']}): {last['wrong'][0][:160]}"


def main(arguments: list[str]) -> int:
    """Hunt every mutant, two at a time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--most", type=int, default=50, help="sequences for each mutant")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first sequence")
    parser.add_argument("--length", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2, help="mutants side by side")
    given = parser.parse_args(arguments)
    options = {"most": given.most, "seed": given.seed, "length": given.length}
    alive = 0
    with ThreadPoolExecutor(given.workers) as pool:
        hunts = {mutant: pool.submit(hunt, mutant, **options) for mutant in MUTANTS}
        for mutant, one in hunts.items():
            trace = one.result()
            print(f"{mutant.name}: {trace or f'not found in {given.most} sequences'}", flush=True)
            alive += trace is None
    print(f"{len(MUTANTS)} mutants, {alive} not found")
    return int(bool(alive))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
