from datetime import UTC, datetime

import pytest

from ritornello.evaluation.baselines import (
    PERSONAL,
    als_method,
    own_artists_method,
    personal_lists,
    published_lists,
)


def at(day: int) -> datetime:
    return datetime(2024, 5, day, tzinfo=UTC)


@pytest.fixture(scope="module")
def lists(spark):
    """Listener 1 knows 5 (3 plays), 6 and 7 (2 plays each, 7 more recently)."""
    columns = ["user_id", "item_id", "last_played_at", *PERSONAL.values()]
    rows = []
    for item, day, plays in ((5, 1, 3.0), (6, 2, 2.0), (7, 9, 2.0)):
        counts = dict.fromkeys(PERSONAL.values(), plays)
        counts["plays_in_last_50"] = 1.0 if item == 7 else 0.0
        rows.append((1, item, at(day), *counts.values()))
    types = ["int", "int", "timestamp", *["double"] * len(PERSONAL)]
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(columns, types, strict=True))
    found = personal_lists(spark.createDataFrame(rows, schema), [9, 6, 8])
    return {row.method: row for row in found.collect()}


def test_most_popular_is_split_by_what_the_listener_knows(lists):
    row = lists["most_popular"]
    assert (row.mixed, row.repeats, row.new) == ([9, 6, 8], [6], [9, 8])


def test_equal_counts_go_to_the_most_recently_played(lists):
    assert lists["personal_most_popular_all"].mixed == [5, 7, 6, 9, 8]


def test_items_outside_the_window_come_only_as_filling(lists):
    row = lists["personal_most_popular_last_50"]
    assert row.mixed == [7, 9, 6, 8]
    assert row.repeats == [7, 6]
    assert row.new == [9, 8]


def test_als_merges_both_lists_by_score(spark):
    listed = spark.createDataFrame(
        [(1, [5, 6], [0.9, 0.2], [8, 9], [0.5, 0.1])],
        "user_id int, repeat_items array<int>, repeat_scores array<float>, "
        "new_items array<int>, new_scores array<float>",
    )
    row = als_method(listed).first()
    assert (row.mixed, row.repeats, row.new) == ([5, 8, 6, 9], [5, 6], [8, 9])


def test_own_artists_come_first_and_the_popular_fill_up(spark):
    proposals = spark.createDataFrame(
        [(1, 8, "own_artists", 0.9, 1), (1, 3, "own_artists", 0.5, 2)],
        "user_id int, item_id int, source string, score double, rank int",
    )
    personal = spark.createDataFrame(
        [(1, "most_popular", [9, 6, 8], [6], [9, 8]), (2, "most_popular", [9], [], [9])],
        "user_id int, method string, mixed array<int>, repeats array<int>, new array<int>",
    )
    rows = {row.user_id: row for row in own_artists_method(proposals, personal).collect()}
    assert (rows[1].mixed, rows[1].new) == ([8, 3, 9, 6], [8, 3, 9])
    assert rows[2].new == [9]


def test_published_lists_come_back_in_the_order_of_their_ranks(spark):
    published = spark.createDataFrame(
        [(1, "mixed", 2, 5), (1, "mixed", 1, 6), (1, "new", 1, 6)],
        "user_id int, list string, rank int, track_id int",
    )
    row = published_lists(published, method="ranker", item="track_id").first()
    assert (row.mixed, row.repeats, row.new) == ([6, 5], [], [6])
