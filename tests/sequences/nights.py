"""Nights in a row: a delivery every night, new tracks and listeners all the time, fits in between.

    PYTHONPATH=tests python tests/sequences/nights.py --nights 40 --seed 1 --out <folder>

Every night must be published, a second refresh must find nothing to do, and the sums of the last
night must equal a rebuild from nothing. Prints the seconds of each night; exits 1 if anything differs.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pyspark.sql import SparkSession
from rich.console import Console

from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.night.refresh import refresh
from ritornello.session import build_session, end_session
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store
from sequences.checks import after_refresh, against_model, against_rebuild
from sequences.model import Warehouse, day
from sequences.world import World

CONF = Path(__file__).with_name("settings.yaml")
HISTORY_DAYS = 90


def open_warehouse(spark: SparkSession, folder: Path, *overrides: str) -> Context:
    """A context of the small settings, its warehouse in ``folder``."""
    settings = load_settings([CONF], [f"warehouse={folder}", *overrides])
    return Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))


def live_through(
    context: Context, world: World, *, nights: int, folder: Path
) -> Iterator[tuple[str, str, float, list[str]]]:
    """One (night, kind, seconds, differences) after another; the last with those from a rebuild."""
    model = Warehouse()
    history = world.history(HISTORY_DAYS)
    import_plays(context, folder=world.deliver(folder / "history", history), kind="full")
    model.import_full(history)
    for nth in range(nights):
        started = time.monotonic()
        plays = world.next_day()
        delivery = world.deliver(folder / f"delivery-{nth}", plays)
        import_plays(context, folder=delivery, kind="increment")
        model.import_increment(plays)
        model.songs = world.songs()
        as_of = day(world.today)
        refresh(context, as_of)
        model.publish(as_of)
        seconds = time.monotonic() - started
        wrong = against_model(context, model) + after_refresh(context, model, as_of)
        if nth == nights - 1:
            wrong += against_rebuild(context, as_of, folder / "rebuild")
        yield f"{as_of:%Y-%m-%d}", kind_of(context, as_of), seconds, wrong


def kind_of(context: Context, as_of: datetime) -> str:
    """How much a night did: a short one, one with a fit, or one with a ranker as well."""
    if context.store.has("models", model="ranker", as_of=as_of):
        return "ranker"
    return "fit" if context.store.has("pair_history", as_of=as_of) else "short"


def main(arguments: list[str]) -> int:
    """Live through the nights and print each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--nights", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="folder of the warehouse")
    parser.add_argument("--set", action="append", default=[], help="one setting: key.sub=value")
    given = parser.parse_args(arguments)
    folder = given.out or Path(tempfile.mkdtemp(prefix="ritornello-nights-"))
    settings = load_settings([CONF], [])
    spark = build_session(settings.spark, name="nights")
    different = 0
    try:
        context = open_warehouse(spark, folder / "warehouse", *given.set)
        world = World(given.seed)
        for night, kind, seconds, wrong in live_through(
            context, world, nights=given.nights, folder=folder
        ):
            print(f"{night} {kind:6} {seconds:7.1f} s  {'; '.join(wrong) or 'ok'}", flush=True)
            different += len(wrong)
    finally:
        end_session(spark)
    print(f"{given.nights} nights, seed {given.seed}: {different} differences", flush=True)
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
