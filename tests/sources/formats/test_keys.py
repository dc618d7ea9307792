"""The keys of an entry are the same in any subset of files, in any order."""

from collections import defaultdict

import pytest

from ritornello.identity.name_keys import name_id, track_id
from sources.formats.outside_files import Converted, read_events, write
from sources.formats.outside_logs import LOG, START, WRITERS, write_parts


def keys_by_minute(rows) -> dict[int, tuple]:
    """(listener's key, track's key, artist's key) of each play."""
    start = START.replace(tzinfo=None)
    return {
        round((row.played_at - start).total_seconds() / 60): (
            row.listener_key,
            row.track_key,
            row.artist_id,
        )
        for row in rows
        if row.reason is None
    }


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_an_entry_has_the_same_keys_in_any_subset_of_files(spark, tmp_path, kind):
    name, write_one = WRITERS[kind]
    write_parts(write_one, tmp_path / "all", seed=0, parts=1)
    write_parts(write_one, tmp_path / "some", seed=9, parts=3, complete=False)
    whole, part = (
        keys_by_minute(read_events(spark, name, tmp_path / one, without_track_id="names"))
        for one in ("all", "some")
    )
    offset = min(whole)  # Yambda's times have a start of their own
    assert len(whole) == len(LOG)
    assert 10 < len(part) < 15
    assert part == {minute: whole[minute] for minute in part}

    songs, people = defaultdict(set), defaultdict(set)
    for minute, (listener, track, _) in whole.items():
        songs[LOG[minute - offset].id].add(track)
        people[LOG[minute - offset].listener].add(listener)
    assert all(len(keys) == 1 for keys in (*songs.values(), *people.values()))
    assert len(set.union(*songs.values())) == 5
    assert len(set.union(*people.values())) == 3


def test_the_tables_of_a_later_part_have_the_same_keys_under_other_numbers(spark, tmp_path):
    for seed in (0, 4):
        root = tmp_path / str(seed)
        write_parts(WRITERS["lastfm-csv"][1], root / "in", seed=seed, parts=2, complete=not seed)
        write(root / "in" / "new" / "Last.fm_data.csv", NEW if seed else NEW.splitlines()[0])
    first, later = (
        Converted(spark, "lastfm-csv", tmp_path / s / "in", tmp_path / s / "out") for s in "04"
    )
    assert set(later.listeners()) - set(first.listeners()) == {"aaron"}
    assert set(later.tracks()) - set(first.tracks()) == {"A New Artist\tA new song"}
    assert later.tracks()["A New Artist\tA new song"].artist_name == "A New  Artist"
    assert set(first.plays()) >= {one for one in later.plays() if one[0] != "aaron"}


NEW = """,Username,Artist,Track,Album,Date,Time
0,aaron,A New  Artist,A new song,,01 Mar 2024,10:00
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nína", "Ni\u0301na"),
        ("Nína Fjord", " nína \u2003 FJORD\t"),
        ("Straße", "STRASSE"),
        ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
        ("İz", "i\u0307z"),  # folding takes letters apart again
        ("Vetrarsól", "\ufeffVetrar\u200bsól\u200e"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert name_id(one) == name_id(other) == name_id(name_id(one))


def test_other_names_have_other_keys_and_no_name_has_none():
    keys = [track_id(*pair) for pair in (("A", "B C"), ("A B", "C"), ("A", "B"), ("A", "B!"))]
    assert len(set(keys)) == 4
    assert track_id("A", "b") != track_id("A", "B")  # united later, where that can be undone
    assert name_id("Nina") != name_id("Nína")  # another letter, perhaps another person
    assert [name_id(one) for one in (None, "", " \u00a0\u200b")] == [None] * 3
    assert track_id("A", "\u200b") is track_id(None, "B") is None
