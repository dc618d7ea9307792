"""The whole import on one small delivery that holds every fault of the triage."""

from datetime import UTC, datetime

import pytest

from intake.delivery_files import (
    INTERACTIONS,
    LISTENERS,
    TRACKS,
    context_of,
    killed,
    listener,
    play,
    plays_by_source,
    track,
    versions,
    write_delivery,
    write_rows,
)
from ritornello.intake.import_plays import import_plays
from ritornello.intake.replay_rejected import replay_rejected

UNTIL = datetime(2024, 6, 1, tzinfo=UTC)
# one listener has a key of its own, the others are known by number
TERMS = {"max_rejected_share": 0.9, "received_until": UNTIL, "listener_keys": "either"}
FIRST_FILE = [
    listener(
        70,
        play(12, "2024-03-01 10:00:00"),
        play(11, "2024-03-01 09:00:00"),  # the first play of all: track 11 gets id 0
        play(12, "2024-03-01 10:00:00"),  # the same play again
        play(12, "2024-03-01 10:00:00", -1),  # a skip at the same instant is another event
        play(12, "2024-06-01 00:00:00"),  # at received_until: still taken
        play(12, "2024-06-01 00:00:01"),  # after it
    ),
    listener(
        50,
        play(11, "2024-04-01 00:00:00"),
        play(11, "2001-12-31 23:59:59"),
        play(99, "2024-04-01 00:00:00"),  # no such track
        play(None, "2024-04-01 00:00:00"),
        play(-1, "2024-04-01 00:00:00"),
        play(11, "2024-02-30 00:00:00"),
        play(11, "2024-04-01 00:00:02", 0),
        play(11, "2024-04-01 00:00:03", None),
        None,
        size=3,  # not the list's length
    ),
    listener(None, play(11, "2024-04-02 00:00:00")),
    listener(-4, play(11, "2024-04-02 00:00:00"), play(12, "2024-04-02 00:00:00")),
    {"character_index": 51, "actions": None, "size_of_actions": 1},
    listener(52),
]
SECOND_FILE = [
    listener(
        70,  # the same listener has a second row
        play(13, "2024-05-01 00:00:00"),
        play(11, "2024-03-01 09:00:00"),  # was in the first file
    ),
    listener(60, play(99, "2024-05-02 00:00:00")),  # nothing of this one is kept
]
LISTED = [
    track(12, artist="B"),
    track(11, artist="A"),
    track(14, artist="C"),  # never played
    track(13, artist="  "),  # a blank name is no artist
    {**track(11, artist="A"), "track_count": 8},  # listed twice: one of them is kept
    track(None),
    track(-3),
]

NAMED = [
    {"character_index": 70, "source_user_key": "aaron"},
    {"character_index": 70, "source_user_key": " aaron "},  # the same again
    {"character_index": 50, "source_user_key": " "},  # a blank name is none
    {"character_index": 60, "source_user_key": "nothing of mine is kept"},
]


def write_folder(folder, first=FIRST_FILE, second=SECOND_FILE, listed=LISTED):
    write_rows(folder / "interactions.parquet" / "part-0.parquet", first, INTERACTIONS)
    write_rows(folder / "interactions.parquet" / "part-1.parquet", second, INTERACTIONS)
    write_rows(folder / "tracks.parquet", listed, TRACKS)
    write_rows(folder / "listeners.parquet", NAMED, LISTENERS)
    return str(folder)


@pytest.fixture(scope="module")
def imported(spark, tmp_path_factory):
    folder = write_folder(tmp_path_factory.mktemp("delivery"))
    context = context_of(
        spark,
        tmp_path_factory.mktemp("warehouse"),
        max_rejected_share=0.9,
        received_until=UNTIL,
        listener_keys="either",
    )
    sentence = import_plays(context, folder=folder)
    return context, folder, sentence


def test_both_ledgers_balance_to_the_number(imported):
    context, _, _ = imported
    first, second = context.store.read("deliveries").orderBy("file").collect()
    assert first.file == "interactions.parquet/part-0.parquet"
    assert (first.rows, first.rows_kept, first.rows_rejected, first.rows_empty) == (6, 2, 3, 1)
    assert (first.plays, first.plays_kept, first.plays_rejected) == (18, 5, 12)
    assert (first.plays_duplicate, second.plays_duplicate) == (1, 1)
    assert (first.size_mismatches, second.size_mismatches) == (1, 0)
    assert (first.split_listeners, second.split_listeners) == (1, 1)
    assert (second.rows, second.rows_kept, second.plays, second.plays_kept) == (2, 2, 3, 1)
    assert first.rows_rejected_by_reason == {
        "listener_missing": 1,
        "listener_negative": 1,
        "list_missing": 1,
    }
    assert first.plays_rejected_by_reason == {
        "element_missing": 1,
        "listener_missing": 1,
        "listener_negative": 2,
        "time_in_the_future": 1,
        "time_too_early": 1,
        "time_unparsable": 1,
        "track_missing": 1,
        "track_negative": 1,
        "track_unknown": 1,
        "weight_missing": 1,
        "weight_zero": 1,
    }
    assert second.plays_rejected_by_reason == {"track_unknown": 1}


def test_kept_plays_stand_once_under_their_listeners_and_tracks(imported):
    assert plays_by_source(imported[0].store) == {
        ("aaron", 11, "2024-03-01 09:00:00", 1),
        ("aaron", 12, "2024-03-01 10:00:00", 1),
        ("aaron", 12, "2024-03-01 10:00:00", -1),
        ("aaron", 12, "2024-06-01 00:00:00", 1),
        (50, 11, "2024-04-01 00:00:00", 1),
        ("aaron", 13, "2024-05-01 00:00:00", 1),
    }


def test_ids_follow_the_first_play_and_only_kept_listeners_have_one(imported):
    store = imported[0].store
    users = {row.source_user_id: row.user_id for row in store.read("users").collect()}
    tracks = {int(row.source_track_id): row for row in store.read("tracks").collect()}
    artists = {row.artist_name: row.artist_id for row in store.read("artists").collect()}
    assert users == {"aaron": 0, "50": 1}
    names = {row.source_user_id: row.user_name for row in store.read("users").collect()}
    assert names == {"aaron": "aaron", "50": None}
    assert {index: row.track_id for index, row in tracks.items()} == {11: 0, 12: 1, 13: 2, 14: 3}
    assert artists == {"A": 0, "B": 1, "C": 2}
    assert [tracks[index].artist_id for index in (11, 12, 13, 14)] == [0, 1, None, 2]


def test_rejected_plays_are_kept_as_they_came(imported):
    rejected = imported[0].store.read("rejected_plays")
    told = {(row.source_track_id, row.played_at_text, row.reason) for row in rejected.collect()}
    assert rejected.count() == 13
    assert ("11", "2024-02-30 00:00:00 UTC", "time_unparsable") in told
    assert ("11", "2001-12-31 23:59:59 UTC", "time_too_early") in told
    assert (None, None, "element_missing") in told


def test_the_closing_sentence_and_the_ledger_are_told(imported):
    context, _, sentence = imported
    assert sentence.startswith("imported 6 plays of 2 listeners; rejected 13, duplicate 2")
    assert "left out 2 listed tracks without a usable track_index" in sentence
    assert "left out 1 repeated listings of a track" in sentence
    assert "track_unknown" in context.console.file.getvalue()


def test_the_same_content_again_changes_nothing(imported, tmp_path):
    context, folder, _ = imported
    before = versions(context)
    assert import_plays(context, folder=folder).startswith("nothing new")
    # other files, other order, the same rows
    other = write_folder(tmp_path, SECOND_FILE[::-1], FIRST_FILE[::-1], LISTED[::-1])
    assert import_plays(context, folder=other).startswith("nothing new")
    assert versions(context) == before


def test_a_crash_before_the_ledger_ends_in_the_same_state(spark, imported, tmp_path, monkeypatch):
    whole, folder, _ = imported
    context = context_of(spark, tmp_path, **TERMS)
    killed(monkeypatch, context, "replace", "deliveries")
    with pytest.raises(OSError, match="power cut"):
        import_plays(context, folder=folder)
    monkeypatch.undo()
    import_plays(context, folder=folder)

    for name in ("artists", "tracks", "users", "rejected_plays", "plays", "deliveries"):
        rows = [sorted(map(str, one.store.read(name).collect())) for one in (context, whole)]
        assert rows[0] == rows[1], name


@pytest.mark.long
def test_two_halves_make_the_same_plays_as_the_whole_and_the_rejected_come_back(
    spark, imported, tmp_path
):
    context = context_of(spark, tmp_path / "w", **TERMS)
    store = context.store
    whole = {
        (70 if who == "aaron" else who, *play) for who, *play in plays_by_source(imported[0].store)
    }
    import_plays(context, folder=write_delivery(tmp_path / "1", FIRST_FILE, LISTED))
    assert replay_rejected(context).startswith("nothing to replay")
    ids = {int(row.source_track_id): row.track_id for row in store.read("tracks").collect()}
    import_plays(
        context,
        folder=write_delivery(tmp_path / "2", SECOND_FILE, [*LISTED, track(99)]),
        kind="increment",
    )
    new = {(60, 99, "2024-05-02 00:00:00", 1)}
    assert plays_by_source(store) == whole | new
    later = {int(row.source_track_id): row.track_id for row in store.read("tracks").collect()}
    assert later == {**ids, 99: 4}  # what is known keeps its id

    assert replay_rejected(context) == "replayed 1 rejected plays: 1 kept, 0 duplicate"
    back = {(50, 99, "2024-04-01 00:00:00", 1)}
    assert plays_by_source(store) == whole | new | back
    ledgers = store.read("deliveries").orderBy("rows").collect()
    assert (ledgers[1].plays_kept, ledgers[1].plays_rejected) == (6, 11)
    assert "track_unknown" not in ledgers[1].plays_rejected_by_reason
    assert store.read("rejected_plays").where("reason = 'track_unknown'").isEmpty()
