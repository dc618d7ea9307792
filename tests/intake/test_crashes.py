"""A run that is killed between two commits leaves nothing that the next command does not mend."""

import pytest

from intake.delivery_files import (
    context_of,
    copy_of,
    killed,
    listener,
    play,
    plays_by_source,
    track,
    write_delivery,
)
from ritornello.errors import ConflictError
from ritornello.intake import new_ids
from ritornello.intake.changes import changes
from ritornello.intake.import_plays import import_plays

LISTED = [track(1), track(2)]
FIRST = [listener(7, play(1, "2024-03-01 10:00:00"), play(2, "2024-03-02 10:00:00"))]
LATE = [listener(8, play(1, "2024-02-01 10:00:00"))]
RESENT = [listener(7, play(2, "2024-03-02 10:00:00"))]  # the first play is gone


@pytest.fixture(scope="module")
def first(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    made = context_of(spark, folder / "w", max_retracted_share=0.7)
    import_plays(made, folder=write_delivery(folder / "first", FIRST, LISTED))
    return made


@pytest.fixture
def context(first, tmp_path):
    return copy_of(first, tmp_path / "w")


def noted(context) -> list[tuple[int, str, int]]:
    """What is known of changes: user, reason and plays by commit."""
    rows = changes(context.store).orderBy("plays_version", "user_id").collect()
    return [(row.user_id, row.reason, row.plays) for row in rows]


@pytest.mark.long
def test_a_commit_of_plays_without_notes_cannot_be(context, tmp_path, monkeypatch):
    late = write_delivery(tmp_path / "late", LATE, LISTED)
    with monkeypatch.context() as patch:
        killed(patch, context, "append", "plays")
        with pytest.raises(OSError, match="power cut"):
            import_plays(context, folder=late, kind="increment")
    assert noted(context) == [(0, "added", 2)]  # notes of a commit that never came count nothing
    with monkeypatch.context() as patch:
        killed(patch, context, "replace", "deliveries")
        with pytest.raises(OSError, match="power cut"):  # right after the commit of plays
            import_plays(context, folder=late, kind="increment")
    assert noted(context)[0] == (0, "added", 2)
    assert (1, "added") in {note[:2] for note in noted(context)}
    import_plays(context, folder=late, kind="increment")
    assert len(plays_by_source(context.store)) == 3


@pytest.mark.long
def test_a_retraction_that_was_killed_does_not_hide_the_plays_of_the_next_import(
    context, tmp_path, monkeypatch
):
    resent = write_delivery(tmp_path / "resent", RESENT, LISTED)
    with monkeypatch.context() as patch:
        killed(patch, context, "replace", "plays")
        with pytest.raises(OSError, match="power cut"):
            import_plays(context, folder=resent)
    import_plays(context, folder=write_delivery(tmp_path / "late", LATE, LISTED), kind="increment")
    assert {note[:2] for note in noted(context)} >= {(1, "added")}
    import_plays(context, folder=resent)
    assert (0, "removed") in {note[:2] for note in noted(context)}
    assert plays_by_source(context.store) == {
        (7, 2, "2024-03-02 10:00:00", 1),
        (8, 1, "2024-02-01 10:00:00", 1),
    }


@pytest.mark.long
def test_an_increment_delivered_again_in_full_takes_back_what_it_lacks(context, tmp_path):
    resent = write_delivery(tmp_path / "resent", RESENT, LISTED)
    assert "took back" not in import_plays(context, folder=resent, kind="increment")
    assert import_plays(context, folder=resent, kind="increment").startswith("nothing new")
    assert "took back 1 plays" in import_plays(context, folder=resent)
    assert import_plays(context, folder=resent).startswith("nothing new")


def test_two_imports_cannot_give_the_same_ids(context):
    store = context.store
    rows = (
        store.read("users")
        .where("user_id = 0")
        .selectExpr("1 AS user_id", "source_user_id || 1 AS source_user_id", "user_name")
    )
    new_ids._claim(store, "users", rows, first_id=1)
    other = rows.selectExpr("user_id", "source_user_id || 1 AS source_user_id", "user_name")
    with pytest.raises(ConflictError, match="another run gave new ids in users"):
        new_ids._claim(store, "users", other.withColumn("user_id", rows.user_id + 1), first_id=1)
    assert store.read("users").count() == 2


@pytest.mark.long
def test_what_arrives_later_fills_gaps_and_corrects_names(spark, tmp_path):
    context = context_of(spark, tmp_path / "w")
    nameless = {**track(1), "track_name": None, "artist_name": None}
    import_plays(context, folder=write_delivery(tmp_path / "1", FIRST, [nameless, track(2)]))

    def known():
        rows = context.store.read("tracks").join(
            context.store.read("artists"), on="artist_id", how="left"
        )
        return {
            int(r.source_track_id): (r.track_id, r.track_name, r.artist_name)
            for r in rows.collect()
        }

    before = known()
    assert before[1][1:] == (None, None)
    version = context.store.version("plays")
    corrected = [track(1, artist="B"), {**track(2), "track_name": "", "artist_name": "A"}]
    import_plays(context, folder=write_delivery(tmp_path / "2", FIRST, corrected))
    assert known() == {1: (before[1][0], "song 1", "B"), 2: before[2]}  # blanks correct nothing
    reopened = changes(context.store).where(f"plays_version > {version}").collect()
    assert [(row.user_id, row.reason, row.plays) for row in reopened] == [(0, "corrected", 1)]
    version = context.store.version("tracks")
    import_plays(context, folder=write_delivery(tmp_path / "3", LATE, corrected), kind="increment")
    assert context.store.version("tracks") == version  # the same again writes nothing
