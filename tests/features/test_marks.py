from datetime import UTC, datetime

import pytest

from ritornello.features.marks import marks_of


def day(number: int) -> datetime:
    return datetime(2024, 5, number, tzinfo=UTC)


@pytest.fixture
def marks(spark):
    events = spark.createDataFrame(
        [
            (1, 10, day(1), -1),
            (1, 10, day(3), -2),  # a dislike is a skip too
            (1, 10, day(2), 2),
            (1, 11, day(2), 1),  # a play is no mark
            (2, 10, day(4), -1),
            (2, 12, day(4), 3),
        ],
        "user_id int, item_id int, played_at timestamp, weight int",
    )
    return marks_of(events, of_pairs=events.where("user_id = 1"))


def test_pairs_count_skips_and_likes_of_the_chosen_listeners(marks):
    (row,) = marks.pairs.collect()
    assert (row.user_id, row.item_id, row.skips, row.likes) == (1, 10, 2, 1)
    assert row.last_skipped_at.astimezone(UTC) == day(3)
    assert row.last_liked_at.astimezone(UTC) == day(2)


def test_items_and_listeners_count_the_skips_of_everybody(marks):
    assert {tuple(row) for row in marks.items.collect()} == {(10, 3)}
    assert {tuple(row) for row in marks.users.collect()} == {(1, 2), (2, 1)}
