"""What a listener played before past days, counted in one pass."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ritornello.instants import micros
from ritornello.ranking.days import Days
from ritornello.ranking.past_counts import COUNTS, MICROS_PER_DAY, counts_before, counts_in_plays

DAY = timedelta(days=1)
FIRST, SECOND = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 11, tzinfo=UTC)


def test_counts_decay_by_age_and_the_last_plays_are_the_newest():
    """Forty-nine plays of 5, then two at one instant: 7 and 9."""
    times = np.array([10 * MICROS_PER_DAY + n for n in range(49)] + [11 * MICROS_PER_DAY] * 2)
    items = np.array([5] * 49 + [9, 7], np.int32)
    played, counts = counts_before(items, times, at=12 * MICROS_PER_DAY)
    assert played.tolist() == [5, 7, 9]
    assert tuple(counts) == COUNTS
    assert counts["log_plays"].tolist() == [49, 1, 1]
    assert counts["plays_in_last_50"].tolist() == [48, 1, 1]
    assert counts["log_decayed_1d"] == pytest.approx([49 / 4, 1 / 2, 1 / 2])
    assert counts["log_decayed_7d"] == pytest.approx([49 / 2 ** (2 / 7), *[2 ** (-1 / 7)] * 2])


def test_of_plays_at_one_instant_the_larger_item_is_the_newer_one():
    items = np.array([3] * 50 + [4], np.int32)
    _, counts = counts_before(items, np.zeros(51, np.int64), at=1)
    assert counts["plays_in_last_50"].tolist() == [49, 1]


def test_a_listener_without_plays_before_the_day_has_no_items():
    played, counts = counts_before(np.zeros(0, np.int32), np.zeros(0, np.int64), at=1)
    assert len(played) == 0
    assert {name: len(values) for name, values in counts.items()} == dict.fromkeys(COUNTS, 0)


def test_each_day_counts_what_was_before_it_and_labels_what_came_within_the_horizon(spark):
    plays = spark.createDataFrame(
        [
            (1, 10, FIRST - DAY),
            (1, 11, FIRST - DAY),
            (1, 11, FIRST),  # the first instant of the horizon
            (1, 10, FIRST + 2 * DAY),  # the first instant after it
            (1, 12, SECOND + DAY),  # new: no item before the day, so no row
            (2, 10, FIRST - DAY),  # never again
            (3, 10, SECOND - DAY),
            (3, 10, SECOND + DAY),
        ],
        "user_id int, item_id int, played_at timestamp",
    )
    rows = counts_in_plays(plays, Days((FIRST,), SECOND, 2 * DAY)).collect()
    found = {(row.group_id, row.item_id): (row.label, row.log_plays) for row in rows}
    first, second = micros(FIRST) // 1_000_000, micros(SECOND) // 1_000_000
    assert found == {
        (1 << 32 | first, 10): (0, 1.0),
        (1 << 32 | first, 11): (1, 1.0),
        (3 << 32 | second, 10): (1, 1.0),
    }
