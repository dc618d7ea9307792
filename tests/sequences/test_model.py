"""The model of a warehouse is right about what it is asked, and sees every kind of fault."""

import ast
from types import SimpleNamespace

import pytest

from sequences.lives import matrix, parsed, parts, sequence_of, written
from sequences.model import Warehouse, day
from sequences.mutants import MUTANTS, write_mutant
from sequences.operations import killed

MONDAY = int(day(0).timestamp())
TUESDAY = day(1)


def warehouse() -> Warehouse:
    model = Warehouse()
    model.import_increment({(1, 10, MONDAY, 1), (1, 11, MONDAY + 60, 1), (2, 12, MONDAY, 1)})
    return model


def lists(**of_first) -> dict:
    """Sound lists of both listeners, some of the first one's replaced."""
    sound = {"mixed": [10, 12, 11], "repeats": [10, 11], "new": [12]}
    return {1: sound | of_first, 2: {"mixed": [12, 10], "repeats": [12], "new": [10, 11]}}


def test_a_full_delivery_takes_back_what_it_lacks_up_to_its_newest_play():
    model = warehouse()
    model.import_increment({(1, 13, MONDAY + 500, 1)})
    model.import_full({(1, 10, MONDAY, 1), (1, 10, MONDAY + 100, 1)})
    assert model.plays == {
        (1, 10, MONDAY, 1),
        (1, 10, MONDAY + 100, 1),  # new; the play at +60 is gone
        (1, 13, MONDAY + 500, 1),  # after the newest play delivered
        (2, 12, MONDAY, 1),  # not in the delivery
    }


def test_a_rollback_takes_back_one_night_once():
    model = Warehouse()
    model.roll_back()
    assert model.served() is None
    for number in range(3):
        model.publish(day(number))
    model.roll_back()
    model.roll_back()
    assert model.served() == day(1)
    model.publish(day(3))
    model.roll_back()
    assert model.served() == day(1)  # day 2 was taken back and stays so
    model.publish(day(3))
    assert model.served() == day(3)


def test_sound_lists_have_no_fault():
    assert warehouse().faults(lists(), TUESDAY) == []


def test_every_kind_of_fault_is_seen():
    model = warehouse()
    faults = [
        lists(mixed=[10, 10]),  # twice
        lists(repeats=[10, 12]),  # never played by them
        lists(new=[12, 11]),  # played by them
        lists(mixed=[10, 99]),  # nobody played it
        lists(mixed=[]),
        {1: lists()[1]},  # nobody serves listener 2
        lists() | {3: lists()[2]},  # a listener without a play
    ]
    assert [bool(model.faults(one, TUESDAY)) for one in faults] == [True] * len(faults)
    skips = warehouse()
    skips.import_increment({(2, 14, MONDAY, -1)})  # a skip is no play
    assert skips.faults(lists(mixed=[10, 14]), TUESDAY) != []
    assert len(model.faults(lists(), day(0))) > 0  # before the first play there is nothing to serve


def test_a_song_is_one_item_whatever_its_track():
    model = warehouse()
    model.import_increment({(1, 13, MONDAY - 90, -1)})  # a skip is no play
    model.songs = {10: ("a", 1), 11: ("a", 2), 12: ("a", 3), 13: ("a", 1)}
    assert model.played(TUESDAY) == {1: {("a", 1), ("a", 2)}, 2: {("a", 3)}}
    assert model.faults(lists(repeats=[13, 11]), TUESDAY) == []  # 13 is another 10
    assert model.faults(lists(mixed=[10, 12, 13]), TUESDAY) != []  # so it stands there twice
    assert model.faults(lists(new=[13, 12]), TUESDAY) != []  # and it is not new
    model.songs = None
    assert model.played(TUESDAY) == {1: {10, 11}, 2: {12}}


def test_a_kill_lets_nothing_be_written_before_or_after_its_commit():
    class Store:
        def __init__(self):
            self.tables = []

        def append(self, table):
            self.tables.append(table)

        def replace(self, table):
            self.tables.append(table)

    for after, stored in ((False, ["tracks"]), (True, ["tracks", "plays"])):
        context = SimpleNamespace(store=Store())
        with killed(context, 2, after=after):
            context.store.append("tracks")
            try:
                context.store.replace("plays")
            finally:
                context.store.append("runs")  # not even the log
        assert context.store.tables == stored
        context.store.append("deliveries")
        assert context.store.tables == [*stored, "deliveries"]


def test_a_sequence_follows_from_its_seed_and_can_be_written_down():
    one, again, other = sequence_of(3, 10), sequence_of(3, 10), sequence_of(4, 10)
    assert one == again == parsed(written(one)) != other
    assert (len(one), one[-1][0]) == (10, "refresh")
    assert [list(part) for part in parts(range(1, 8), 2)] == [[1, 3, 5, 7], [2, 4, 6]]
    shown = matrix([[("late", 1), ("refresh", 2), ("late", 3)], [("late", 4), ("refresh", 5)]])
    row = next(line.split() for line in shown.splitlines() if line.startswith("late"))
    assert row[1:].count("2") == 1
    assert shown.endswith("fewest of any pair: 0")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.file)
def test_a_mutant_is_one_change_of_the_code_as_it_is(tmp_path, mutant):
    library = write_mutant(mutant, tmp_path)
    code = (library / "ritornello" / mutant.file).read_text(encoding="utf-8")
    ast.parse(code)
    assert mutant.text not in code
