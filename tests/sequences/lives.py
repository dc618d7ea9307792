"""Random sequences of operations on a small warehouse, each step compared with the model.

    PYTHONPATH=tests python tests/sequences/lives.py --sequences 20 --length 10 --seed 1

A sequence begins with a copy of a warehouse of 60 days and one night, and ends with a night whose
sums and lists must equal a rebuild from nothing. Prints every sequence with its operations, the
matrix of ordered pairs, and exits 1 if anything differs. A sequence that fails is shortened as long
as it fails. `--replay "late:12 refresh:13"` lives through one sequence again.
"""

import argparse
import itertools
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.night.refresh import refresh
from ritornello.session import build_session, end_session
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store
from sequences.checks import after_refresh, against_rebuild
from sequences.model import Warehouse, day
from sequences.nights import CONF, open_warehouse
from sequences.operations import OPERATIONS, Life
from sequences.world import World

DAYS = 60
Operation = tuple[str, int]  # its name, and the seed of its draws


def sequence_of(seed: int, length: int) -> list[Operation]:
    """Draw the operations of a sequence; the last one is a refresh."""
    draw = random.Random(seed)
    names = draw.choices(sorted(OPERATIONS), k=length - 1)
    return [(name, draw.randrange(1 << 30)) for name in (*names, "refresh")]


class Start:
    """A warehouse with sixty days and one night, to be copied for every sequence.

    By even seeds its source has text keys, by odd ones numbers.
    """

    def __init__(self, context: Context, folder: Path, *, seed: int) -> None:
        self.context, self.folder = context, folder
        self.world, self.model = World(seed % 2), Warehouse()
        history = self.world.history(DAYS)
        import_plays(
            context, folder=self.world.deliver(folder / f"history-{seed}", history), kind="full"
        )
        self.model.import_full(history)
        self.model.artists, self.model.songs = self.world.artists(), self.world.songs()
        refresh(context, day(DAYS))
        self.model.publish(day(DAYS))

    def copy(self, folder: Path) -> Life:
        """A life of its own from here on."""
        shutil.copytree(self.context.store.warehouse, folder / "warehouse")
        settings = self.context.settings.model_copy(update={"warehouse": f"{folder}/warehouse"})
        store = Store(self.context.spark, settings.warehouse)
        context = Context(self.context.spark, store, settings, self.context.console)
        return Life(context, deepcopy(self.world), deepcopy(self.model), folder)


def live_through(start: Start, operations: Sequence[Operation], folder: Path) -> list[str]:
    """Live through a sequence and return the differences of the step that is wrong first."""
    life = start.copy(folder)
    try:
        for nth, (name, seed) in enumerate(operations, 1):
            if wrong := life.live(name, seed):
                return [f"step {nth} ({name}): {one}" for one in wrong]
        wrong = after_refresh(life.context, life.model, life.today)
        wrong += against_rebuild(life.context, life.today, folder / "rebuild")
        return [f"at the end: {one}" for one in wrong]
    except Exception as error:
        return [f"step {life.number}: {type(error).__name__}: {str(error).splitlines()[0][:300]}"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shortened(start: Start, operations: list[Operation], folder: Path) -> list[Operation]:
    """Leave out operations, from the last to the first, while the sequence still fails."""
    for place in range(len(operations) - 2, -1, -1):
        fewer = operations[:place] + operations[place + 1 :]
        if live_through(start, fewer, folder):
            operations = fewer
    return operations


def written(operations: Sequence[Operation]) -> str:
    return " ".join(f"{name}:{seed}" for name, seed in operations)


def parsed(text: str) -> list[Operation]:
    pairs = (one.split(":") for one in text.split())
    return [(name, int(seed)) for name, seed in pairs]


def matrix(sequences: Sequence[Sequence[Operation]]) -> str:
    """How often each operation (row) was followed by each (column)."""
    pairs = Counter(
        (one[0], two[0]) for operations in sequences for one, two in itertools.pairwise(operations)
    )
    names = sorted(OPERATIONS)
    head = " " * 10 + " ".join(f"{name[:5]:>5}" for name in names)
    rows = [f"{a:<10}" + " ".join(f"{pairs[a, b]:>5}" for b in names) for a in names]
    least = min(pairs[a, b] for a in names for b in names)
    return "\n".join([head, *rows, f"fewest of any pair: {least}"])


def work(
    seeds: Sequence[int], length: int, replay: str | None, *, shrink: bool, stop: bool = False
) -> int:
    """Live through sequences in one session, a line of JSON for each."""
    folder = Path(tempfile.mkdtemp(prefix="ritornello-sequences-"))
    spark = build_session(load_settings([CONF], []).spark, name="sequences")
    different = 0
    try:
        starts = {
            kind: Start(open_warehouse(spark, folder / f"start-{kind}"), folder, seed=kind)
            for kind in sorted({seed % 2 for seed in seeds})
        }
        for seed in seeds:
            start = starts[seed % 2]
            operations = parsed(replay) if replay else sequence_of(seed, length)
            clock = time.monotonic()
            wrong = live_through(start, operations, folder / f"{seed}")
            line = {"seed": seed, "operations": written(operations), "wrong": wrong}
            line["seconds"] = round(time.monotonic() - clock)
            print(json.dumps(line), flush=True)
            if wrong and shrink:
                fewer = shortened(start, operations, folder / "shorter")
                print(json.dumps({"seed": seed, "shortened": written(fewer)}), flush=True)
            different += bool(wrong)
            if wrong and stop:
                break
    finally:
        end_session(spark)
        shutil.rmtree(folder, ignore_errors=True)
    return int(bool(different))


def main(arguments: list[str]) -> int:
    """Share the sequences out to two sessions, and sum up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--length", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first sequence")
    parser.add_argument("--step", type=int, default=1, help="from one seed to the next")
    parser.add_argument("--workers", type=int, default=2, help="sessions side by side")
    parser.add_argument("--replay", help="operations of one sequence, as printed")
    parser.add_argument("--no-shrink", action="store_true", help="do not shorten what fails")
    parser.add_argument("--stop", action="store_true", help="stop at the first difference")
    given = parser.parse_args(arguments)
    number = 1 if given.replay else given.sequences
    seeds = range(given.seed, given.seed + number * given.step, given.step)
    if given.workers == 1 or given.replay:
        shrink = not given.no_shrink
        return work(seeds, given.length, given.replay, shrink=shrink, stop=given.stop)
    workers = [
        subprocess.Popen(
            [
                *(sys.executable, __file__, "--workers", "1", "--length", str(given.length)),
                *("--seed", str(part[0]), "--sequences", str(len(part)), "--step", str(part.step)),
                *(["--no-shrink"] if given.no_shrink else []),
                *(["--stop"] if given.stop else []),
            ]
        )
        for part in parts(seeds, given.workers)
    ]
    codes = [worker.wait() for worker in workers]
    print(matrix([sequence_of(seed, given.length) for seed in seeds]))
    failed = sum(code != 0 for code in codes)
    print(f"{len(seeds)} sequences from seed {given.seed}: {failed} sessions with differences")
    return int(bool(failed))


def parts(seeds: range, workers: int) -> list[range]:
    """Deal the seeds out, so that two workers get the odd and the even ones."""
    return [part for n in range(workers) if (part := seeds[n::workers])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
