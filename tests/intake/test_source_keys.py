"""Listeners and tracks keep their ids whatever numbers a later delivery gives them."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from intake.delivery_files import (
    LISTENERS,
    TRACKS,
    context_of,
    copy_of,
    killed,
    listener,
    play,
    plays_by_source,
    track,
    write_delivery,
    write_rows,
)
from ritornello.errors import BadInputError, UsageError
from ritornello.intake.import_plays import import_plays

MAY, JUNE = "2024-05-01 10:00:00", "2024-06-01 10:00:00"
EARLY = datetime(2024, 7, 1, tzinfo=UTC)
LATE = datetime(2024, 8, 1, tzinfo=UTC)


def deliver(folder, rows, tracks, people=None) -> str:
    """Write a delivery, with the listeners' own keys by number if they have any."""
    if people:
        named = [{"character_index": n, "source_user_key": key} for n, key in people.items()]
        write_rows(folder / "listeners.parquet", named, LISTENERS)
    return write_delivery(folder, rows, tracks)


def may(folder) -> str:
    """Ida and Olaf in May: numbers by the alphabet."""
    rows = [listener(0, play(0, MAY)), listener(1, play(1, MAY), play(0, JUNE))]
    return deliver(folder, rows, [track(0, key="f"), track(1, key="m")], {0: "ida", 1: "olaf"})


@pytest.fixture(scope="module")
def first(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    made = context_of(spark, folder / "warehouse", max_retracted_share=1.0)
    import_plays(made, folder=may(folder / "may"), now=EARLY)
    return made


@pytest.fixture
def context(first, tmp_path):
    return copy_of(first, tmp_path / "warehouse")


def people_of(store) -> dict[str, int]:
    return {row.source_user_id: row.user_id for row in store.read("users").collect()}


def test_other_numbers_for_the_same_people_and_songs_change_nothing(context, tmp_path):
    store, before = context.store, people_of(context.store)
    assert plays_by_source(store) == {
        ("ida", "f", MAY, 1),
        ("olaf", "m", MAY, 1),
        ("olaf", "f", JUNE, 1),
    }
    # Ben and the song "a" come first by the alphabet, so everybody has another number
    rows = [
        listener(0, play(0, MAY)),
        listener(1, play(1, MAY)),
        listener(2, play(2, MAY), play(1, JUNE)),
    ]
    songs = [track(0, key="a"), track(1, key="f"), track(2, key="m")]
    people = {0: "ben", 1: "ida", 2: "olaf"}
    again = deliver(tmp_path / "again", rows, songs, people)
    told = import_plays(context, folder=again, now=LATE)
    assert told.startswith("imported 1 plays of 1 listeners; rejected 0, duplicate 3")
    assert "took back" not in told
    assert plays_by_source(store) == {
        ("ida", "f", MAY, 1),
        ("olaf", "m", MAY, 1),
        ("olaf", "f", JUNE, 1),
        ("ben", "a", MAY, 1),
    }
    assert people_of(store) == {**before, "ben": 2}
    received = store.read("plays").groupBy("received_at").count().collect()
    assert {row.received_at.replace(tzinfo=UTC): row["count"] for row in received} == {
        EARLY: 3,  # keep the instant of the delivery that brought them
        LATE: 1,
    }


def test_the_same_numbers_for_other_people_are_other_people(context, tmp_path):
    rows = [listener(0, play(0, MAY)), listener(1, play(1, MAY), play(0, JUNE))]
    songs = [track(0, key="f"), track(1, key="m")]
    others = deliver(tmp_path / "others", rows, songs, {0: "una", 1: "ola"})
    assert import_plays(context, folder=others).startswith("imported 3 plays of 2 listeners")
    assert sorted(people_of(context.store)) == ["ida", "ola", "olaf", "una"]


def test_one_key_under_two_numbers_is_one_listener_and_one_song(spark, tmp_path):
    context = context_of(spark, tmp_path / "warehouse")
    rows = [listener(3, play(7, MAY)), listener(5, play(8, MAY), play(9, JUNE))]
    songs = [track(7, key="f"), track(8, key=" f "), track(9, key="m")]
    told = import_plays(context, folder=deliver(tmp_path / "d", rows, songs, {3: "ida", 5: "ida"}))
    assert told.startswith("imported 2 plays of 1 listeners; rejected 0, duplicate 1")
    assert plays_by_source(context.store) == {("ida", "f", MAY, 1), ("ida", "m", JUNE, 1)}
    ledger = context.store.read("deliveries").first()
    assert (ledger.rows, ledger.plays, ledger.plays_kept) == (2, 3, 2)


@pytest.mark.long
def test_a_delivery_that_knows_people_or_songs_in_another_way_is_refused(context, tmp_path):
    by_number = deliver(tmp_path / "n", [listener(0, play(0, JUNE))], [track(0, key="f")])
    with pytest.raises(UsageError, match=r"have no source_user_key .*listener_keys=either"):
        import_plays(context, folder=by_number)
    songs = deliver(tmp_path / "s", [listener(0, play(0, JUNE))], [track(0)], {0: "ida"})
    with pytest.raises(UsageError, match=r"have no track_id .*track_keys=either"):
        import_plays(context, folder=songs)
    as_numbers = {"listener_keys": "number", "track_keys": "number", "max_retracted_share": 1.0}
    numbers = context_of(context.spark, context.store.warehouse, **as_numbers)
    with pytest.raises(UsageError, match="number would store them a second time"):
        import_plays(numbers, folder=songs)
    assert len(plays_by_source(context.store)) == 3

    numbers = context_of(context.spark, tmp_path / "numbers")
    import_plays(numbers, folder=deliver(tmp_path / "o", [listener(0, play(0, MAY))], [track(0)]))
    with pytest.raises(UsageError, match=r"by number: set imports\.listener_keys=number"):
        import_plays(numbers, folder=may(tmp_path / "texts"))
    numbers = context_of(context.spark, tmp_path / "numbers", **as_numbers)
    import_plays(numbers, folder=may(tmp_path / "texts"))
    assert plays_by_source(numbers.store) == {(0, 0, MAY, 1), (1, 1, MAY, 1), (1, 0, JUNE, 1)}


@pytest.mark.long
def test_both_ways_stand_side_by_side_until_a_key_would_be_two_things(context, tmp_path):
    either = context_of(
        context.spark, context.store.warehouse, listener_keys="either", track_keys="either"
    )
    rows, songs = [listener(4, play(0, JUNE))], [track(0, key="f")]
    import_plays(either, folder=deliver(tmp_path / "n", rows, songs), kind="increment")
    assert ("4", 2) in people_of(either.store).items()
    same = deliver(tmp_path / "s", rows, songs, {4: "4"})  # the text is the number: no conflict
    assert "rejected 0, duplicate 1" in import_plays(either, folder=same, kind="increment")
    rows.append(listener(7, play(0, JUNE)))
    clash = deliver(tmp_path / "c", rows, songs, {7: "4"})
    with pytest.raises(BadInputError, match="'4' is the number of one of the listeners"):
        import_plays(either, folder=clash, kind="increment")


@pytest.mark.long
def test_a_play_after_the_time_of_the_import_is_rejected_at_once_and_can_be_taken_back(
    spark, tmp_path
):
    context = context_of(spark, tmp_path / "w", max_rejected_share=0.5, max_retracted_share=1.0)
    songs = [track(0, key="f")]
    rows = [listener(0, play(0, MAY), play(0, JUNE), play(0, "2099-01-01 00:00:00"))]
    told = import_plays(context, folder=deliver(tmp_path / "1", rows, songs, {0: "ida"}), now=EARLY)
    assert told.startswith("imported 2 plays of 1 listeners; rejected 1")
    ledger = context.store.read("deliveries").first()
    assert ledger.plays_rejected_by_reason == {"time_in_the_future": 1}
    assert ledger.received_until.isoformat() == "2024-06-01T10:00:00"  # no wrong play lifts it

    # a wrong play before the clock is taken: a later full delivery says so, and can take it back
    rows = [listener(0, play(0, MAY), play(0, JUNE), play(0, "2024-07-30 00:00:00"))]
    wrong = deliver(tmp_path / "2", rows, songs, {0: "ida"})
    import_plays(context, folder=wrong, now=LATE)
    rows = [listener(0, play(0, MAY), play(0, "2024-06-02 00:00:00"))]
    right = deliver(tmp_path / "3", rows, songs, {0: "ida"})
    told = import_plays(context, folder=right, now=LATE)
    assert "took back 1 plays" in told
    assert "kept 1 stored plays of its listeners that are later" in told
    import_plays(context, folder=right, received_until=LATE, now=LATE)
    times = {at for _, _, at, _ in plays_by_source(context.store)}
    assert times == {MAY, "2024-06-02 00:00:00"}


@pytest.mark.parametrize(
    ("songs", "people", "sentence"),
    [
        (
            [track(0, key="f"), track(1)],
            {0: "ida"},
            "some tracks of this delivery have no track_id",
        ),
        ([track(0), track(0, key="g"), track(0, key="f")], None, "track_index 0 has 2 different"),
        (
            [track(0)],
            {0: "ida", 1: None},
            "some listeners of this delivery have no source_user_key",
        ),
    ],
)
def test_a_first_delivery_that_mixes_the_ways_or_names_twice_is_refused(
    spark, tmp_path, songs, people, sentence
):
    context = context_of(spark, tmp_path / "w")
    rows = [listener(0, play(0, MAY)), listener(1, play(0, MAY))]
    if people and len(people) == 1:
        people = {0: "ida", 1: "olaf"}
    with pytest.raises((UsageError, BadInputError), match=sentence):
        import_plays(context, folder=deliver(tmp_path / "d", rows, songs, people))
    assert not context.store.exists("plays")


@pytest.mark.long
def test_texts_that_are_numbers_go_with_both_ways(spark, tmp_path):
    """The text of a whole-number source is its number, so either way means the same."""
    context, songs = context_of(spark, tmp_path / "w"), [track(7, key="7")]
    both = deliver(tmp_path / "1", [listener(5, play(7, MAY))], songs, {5: "5"})
    import_plays(context, folder=both)
    by_number = deliver(tmp_path / "2", [listener(5, play(7, MAY), play(7, JUNE))], [])
    assert "imported 1 plays" in import_plays(context, folder=by_number)  # 7 need not be listed
    assert plays_by_source(context.store) == {(5, 7, MAY, 1), (5, 7, JUNE, 1)}


@pytest.mark.long
def test_plays_of_a_song_that_is_listed_no_more_are_not_taken_back(context, tmp_path):
    rows = [listener(0, play(5, MAY)), listener(1, play(1, MAY), play(5, JUNE))]
    songs = [track(1, key="m")]  # nothing says which song has number 5
    loose = context_of(
        context.spark, context.store.warehouse, max_retracted_share=1.0, max_rejected_share=0.7
    )
    folder = deliver(tmp_path / "d", rows, songs, {0: "ida", 1: "olaf"})
    assert "took back" not in import_plays(loose, folder=folder, now=LATE)
    plays = plays_by_source(context.store)
    assert plays == {("ida", "f", MAY, 1), ("olaf", "m", MAY, 1), ("olaf", "f", JUNE, 1)}
    rows = [listener(0, play(5, JUNE)), listener(1, play(1, MAY), play(5, JUNE))]
    folder = deliver(tmp_path / "e", rows, songs, {0: "ida", 1: "olaf"})
    assert "took back 1 plays" in import_plays(loose, folder=folder, now=LATE)  # Ida's of May


@pytest.mark.long
def test_a_second_try_by_a_later_clock_loses_nothing(spark, tmp_path, monkeypatch):
    context = context_of(spark, tmp_path / "w", max_rejected_share=0.5)
    rows = [listener(0, play(0, MAY), play(0, "2024-07-01 00:30:00"))]
    folder = deliver(tmp_path / "d", rows, [track(0, key="f")], {0: "ida"})
    killed(monkeypatch, context, "replace", "deliveries")
    with pytest.raises(OSError, match="power cut"):
        import_plays(context, folder=folder, now=EARLY)  # half an hour before the second play
    monkeypatch.undo()
    import_plays(context, folder=folder, now=LATE)
    expected = {("ida", "f", MAY, 1), ("ida", "f", "2024-07-01 00:30:00", 1)}
    assert plays_by_source(context.store) == expected
    assert context.store.read("deliveries").first().plays_kept == 2


@pytest.mark.long
def test_a_known_artists_name_is_corrected_where_an_id_knows_the_artist(spark, tmp_path):
    context = context_of(spark, tmp_path / "w")
    schema = TRACKS.append(pa.field("artist_id", pa.string()))
    for number, artist in enumerate((None, "Kepl", "Kelp")):
        song = {**track(0, key="f", artist=artist), "artist_id": "id-1"}
        rows = [listener(0, play(0, MAY))]
        folder = write_delivery(tmp_path / str(number), rows, [song], tracks_schema=schema)
        import_plays(context, folder=folder)
        stored = context.store.read("artists").collect()
        assert [(row.source_artist_id, row.artist_name) for row in stored] == [("id-1", artist)]
