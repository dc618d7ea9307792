"""A log that comes in parts, in any order and with overlaps, becomes the same plays as all at once."""

import random
from pathlib import Path

import pytest

from intake.delivery_files import context_of, plays_by_source
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from sources.formats.outside_files import Converted
from sources.formats.outside_logs import NAMES, WRITERS, Entry

pytestmark = pytest.mark.long
LISTENERS, PLAYS_EACH, PARTS = 200, 4, 3
PLAYS = [
    Entry(minute, minute % LISTENERS, *NAMES[minute * 5 % len(NAMES)])
    for minute in range(LISTENERS * PLAYS_EACH)
]


def take(context: Context, kind: str, folder: Path, plays: list[Entry], *, part: int) -> None:
    """Write the files of some plays, convert and import them."""
    name, write_one = WRITERS[kind]
    write_one(folder / "in", plays, "_" * part)
    Converted(context.spark, name, folder / "in", folder / "out", without_track_id="names")
    import_plays(context, folder=str(folder / "out"), kind="increment" if part > 1 else "full")


def in_parts(context: Context, kind: str, folder: Path, *, seed: int) -> set:
    """Import the log part by part: shuffled, every tenth play in two parts."""
    draw = random.Random(f"{seed} {kind}")
    shuffled = draw.sample(PLAYS, len(PLAYS))
    again = draw.sample(PLAYS, len(PLAYS) // 10)
    for part in range(PARTS):
        some = {*shuffled[part::PARTS], *again[part::PARTS]}
        take(context, kind, folder / str(part), sorted(some), part=2 + part)
    return plays_by_source(context.store)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_parts_in_any_order_equal_one_delivery_of_everything(spark, tmp_path, kind):
    whole = context_of(spark, tmp_path / "whole")
    take(whole, kind, tmp_path / "all", PLAYS, part=1)
    expected = plays_by_source(whole.store)
    assert len(expected) == len(PLAYS)
    parts = context_of(spark, tmp_path / "parts")
    assert in_parts(parts, kind, tmp_path, seed=1) == expected
    for table in ("users", "tracks", "artists"):
        assert parts.store.read(table).count() == whole.store.read(table).count()


def test_numbers_given_by_place_would_mix_people_up(spark, tmp_path):
    by_place = context_of(spark, tmp_path / "w", listener_keys="number", track_keys="number")
    take(by_place, "lastfm-csv", tmp_path / "0", PLAYS[: LISTENERS // 2], part=2)
    take(by_place, "lastfm-csv", tmp_path / "1", PLAYS[LISTENERS // 2 : LISTENERS], part=3)
    assert by_place.store.read("users").count() == LISTENERS // 2  # of 200 people
