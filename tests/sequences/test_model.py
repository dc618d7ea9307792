"""The model of a warehouse is right about what it is asked, and sees every kind of fault."""

from sequences.model import Warehouse, day

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
