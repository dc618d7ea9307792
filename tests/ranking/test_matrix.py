"""Features of skips and likes, and features that are left out."""

from datetime import UTC, datetime

import numpy as np
import pytest

from night.zeros import zeros
from ritornello.errors import UsageError
from ritornello.features.marks import marks_of
from ritornello.ranking.columns import FEATURES, MARK_FEATURES
from ritornello.ranking.matrix import feature_rows, without_features
from ritornello.tables.contracts import contracts

NIGHT = datetime(2024, 5, 11, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2024, 5, number, tzinfo=UTC)


class Tables:
    contracts = contracts()


@pytest.fixture(scope="module")
def rows(spark):
    """Two listeners; the first played item 10 four times and skipped it twice since."""
    scores = ("own_history", "als", "own_artists", "popular")
    names = ", ".join(f"{one}_score double, {one}_rank int" for one in scores)
    candidates = spark.createDataFrame(
        [(1, 10, True, *[None] * 8), (1, 11, False, *[None] * 8), (2, 10, False, *[None] * 8)],
        f"user_id int, item_id int, is_repeat boolean, {names}",
    )
    of = {"user_id": "int", "item_id": "int", "plays": "bigint", "last_played_at": "timestamp"}
    pairs = zeros(spark, Tables, "pair_history", [(1, 10, 4, day(6))], **of)
    items = zeros(spark, Tables, "item_stats", [(10, 6), (11, 3)], item_id="int", plays="bigint")
    users = zeros(spark, Tables, "user_profile", [(1, 4), (2, 8)], user_id="int", plays="bigint")
    als = "user_id int, repeat_items array<int>, repeat_scores array<float>"
    events = spark.createDataFrame(
        [(1, 10, day(7), -1), (1, 10, day(9), -2), (1, 11, day(10), 2), (2, 12, day(3), -1)],
        "user_id int, item_id int, played_at timestamp, weight int",
    )
    return feature_rows(
        candidates, pairs=pairs, items=items, users=users, artists=None,
        als_lists=spark.createDataFrame([], als), as_of=NIGHT,
        marks=marks_of(events, of_pairs=events),
    )  # fmt: skip


def values(rows, names):
    return {
        (row.user_id, row.item_id): [row.features[FEATURES.index(name)] for name in names]
        for row in rows.collect()
    }


def test_skips_and_likes_are_features(rows):
    nan = float("nan")
    expected = {
        # log skips, share, age, before the last play, log likes, age, of item, of listener
        (1, 10): [np.log(3), 2 / 6, 2, -3, 0, nan, 2 / 8, 2 / 6],
        (1, 11): [0, nan, nan, nan, np.log(2), 1, 0, 2 / 6],
        (2, 10): [0, nan, nan, nan, 0, nan, 2 / 8, 1 / 9],
    }
    told = values(rows, MARK_FEATURES)
    assert {*told} == {*expected}
    for key, right in expected.items():
        np.testing.assert_allclose(told[key], right, rtol=1e-6)


def test_a_feature_that_is_left_out_is_unknown_and_the_others_stay(rows):
    left = without_features(rows, ["log_skips", "days"])
    for key, (skips, days, share) in values(left, ("log_skips", "days", "item_skip_share")).items():
        assert np.isnan(skips)
        assert np.isnan(days)
        assert share == pytest.approx(0 if key == (1, 11) else 0.25)
    with pytest.raises(
        UsageError, match="names no feature with log_skip: they are log_plays, days"
    ):
        without_features(rows, ["log_skip"])
