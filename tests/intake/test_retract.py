"""A full delivery takes back what it no longer holds; an increment never does."""

from datetime import UTC, datetime

import pytest

from intake.delivery_files import (
    context_of,
    listener,
    play,
    plays_by_source,
    track,
    versions,
    write_delivery,
)
from ritornello.errors import QualityGateError
from ritornello.intake.import_plays import import_plays

LISTED = [track(1), track(2)]
UNTIL = datetime(2024, 4, 30, tzinfo=UTC)
BEFORE = [
    listener(
        7,
        play(1, "2024-03-01 10:00:00"),
        play(2, "2024-03-02 10:00:00"),
        play(1, "2024-04-02 10:00:00"),
    ),
    listener(8, play(1, "2024-03-01 11:00:00")),
    listener(9, play(2, "2024-03-01 12:00:00")),
]
RESENT = [
    # the second play is gone, the third is a skip now, and there is a new one
    listener(
        7,
        play(1, "2024-03-01 10:00:00"),
        play(1, "2024-04-02 10:00:00", -1),
        play(2, "2024-04-03 10:00:00"),
    ),
    listener(8),  # an empty list takes nothing back
]  # listener 9 is not in the delivery
LATER = listener(7, play(2, "2024-05-01 10:00:00"))  # after what the resend speaks of


@pytest.mark.long
def test_a_full_resend_takes_back_what_it_no_longer_holds(spark, tmp_path):
    context = context_of(spark, tmp_path / "w", max_retracted_share=0.7, received_until=UNTIL)
    import_plays(context, folder=write_delivery(tmp_path / "1", BEFORE, LISTED))
    may = datetime(2024, 5, 2, tzinfo=UTC)
    later = write_delivery(tmp_path / "2", [LATER], LISTED)
    import_plays(context, folder=later, kind="increment", received_until=may)

    told = import_plays(context, folder=write_delivery(tmp_path / "3", RESENT, LISTED))

    assert "took back 2 plays" in told
    assert plays_by_source(context.store) == {
        (7, 1, "2024-03-01 10:00:00", 1),
        (7, 1, "2024-04-02 10:00:00", -1),
        (7, 2, "2024-04-03 10:00:00", 1),
        (7, 2, "2024-05-01 10:00:00", 1),
        (8, 1, "2024-03-01 11:00:00", 1),
        (9, 2, "2024-03-01 12:00:00", 1),
    }
    noted = context.store.read("changed_listeners").where("reason = 'removed'").collect()
    assert sorted((row.user_id, row.month.month, row.plays) for row in noted) == [
        (0, 3, 1),
        (0, 4, 1),
    ]


def test_a_full_delivery_that_lacks_too_much_is_refused_and_changes_nothing(spark, tmp_path):
    context = context_of(spark, tmp_path / "w")
    import_plays(context, folder=write_delivery(tmp_path / "1", BEFORE, LISTED))
    before = versions(context)
    cut = write_delivery(tmp_path / "2", [listener(7, play(1, "2024-04-02 10:00:00"))], LISTED)
    with pytest.raises(QualityGateError, match=r"2 of 3 stored plays.*--kind increment"):
        import_plays(context, folder=cut)
    swapped = listener(
        7,
        play(2, "2024-03-01 10:00:00"),
        play(1, "2024-03-02 10:00:00"),
        play(2, "2024-04-02 10:00:00"),
    )
    with pytest.raises(QualityGateError, match=r"3 of 3 stored plays.*would count twice"):
        import_plays(context, folder=write_delivery(tmp_path / "3", [swapped], LISTED))
    assert versions(context) == before
    assert "took back" not in import_plays(context, folder=cut, kind="increment")


def test_a_delivery_made_without_a_refused_file_takes_nothing_back(spark, tmp_path):
    context = context_of(spark, tmp_path / "w", max_retracted_share=0.7)
    import_plays(context, folder=write_delivery(tmp_path / "1", BEFORE, LISTED))
    before = plays_by_source(context.store)
    folder = write_delivery(tmp_path / "2", RESENT, LISTED)
    (tmp_path / "2" / "refused.txt").write_text("a.json\nb.json")
    sentence = import_plays(context, folder=folder)
    assert "took nothing back, because this delivery is incomplete: a.json and 1 more" in sentence
    assert plays_by_source(context.store) > before


def test_a_delivery_that_a_later_one_took_back_says_how_it_comes_back(spark, tmp_path):
    def imported(name, rows, day, **options):
        folder = write_delivery(tmp_path / name, rows, LISTED)
        now = datetime(2024, 6, day, tzinfo=UTC)
        return import_plays(context, folder=folder, now=now, **options)

    context = context_of(spark, tmp_path / "w", max_retracted_share=0.7)
    imported("1", BEFORE, 1)
    before = plays_by_source(context.store)
    assert imported("1", BEFORE, 2).endswith("was imported before")
    assert "took back 2 plays" in imported("2", RESENT, 3)
    assert "--kind increment brings those plays back" in imported("1", BEFORE, 4)
    imported("1", BEFORE, 5, kind="increment")
    assert plays_by_source(context.store) > before
