"""What an audit measures, on lists small enough to count by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from ritornello.night.publication.audit import Check
from ritornello.night.publication.measures import (
    age_days,
    ineligible,
    kept_share,
    list_quality,
    repeat_share,
    score_drift,
)
from ritornello.settings.night import Limits

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
PLACES = "user_id int, list string, rank int, item_id int, score double, last_played_at timestamp"


def figures(df) -> dict:
    return df.first().asDict()


def test_lists_are_counted_place_by_place(spark):
    lists = spark.createDataFrame(
        [
            (1, "mixed", 1, 10, 0.9, NOON),
            (1, "mixed", 2, 11, 0.8, None),
            (1, "mixed", 3, 11, 0.7, None),  # item 11 again: a duplicate
            (2, "mixed", 1, 10, 0.5, NOON),
            (2, "mixed", 2, 12, 0.6, NOON),  # above the place before: disorder
            (2, "mixed", 3, 13, None, None),  # no score: disorder
            (2, "mixed", 5, 14, 0.1, NOON),  # place 4 has rank 5: disorder
            (2, "new", 1, 10, float("nan"), None),  # no number: disorder, in another list
            (3, "new", 1, 11, 0.5, None),  # a listener without mixed does not count as served
        ],
        PLACES,
    )
    assert figures(list_quality(lists)) == {
        "listeners": 2,
        "mean_length": 3.5,
        "repeat_share": pytest.approx(4 / 7),
        "duplicates": 1.0,
        "disorder": 4.0,
    }
    assert figures(repeat_share(lists))["share"] == pytest.approx(4 / 7)


def test_each_place_keeps_the_promise_of_its_list(spark):
    judged = spark.createDataFrame(
        [
            # user list rank item score last        wrong
            (1, "mixed", 1, 10, 0.9, NOON, False),  # played
            (1, "mixed", 2, 11, 0.8, None, False),  # by others only
            (1, "repeats", 1, 10, 0.9, NOON, False),
            (1, "repeats", 2, 11, 0.9, NOON, True),  # never played by them
            (1, "new", 1, 11, 0.9, None, False),
            (1, "new", 2, 10, 0.9, None, True),  # played before
            (1, "new", 3, 99, 0.9, None, True),  # nobody had played it
            (1, "mixed", 3, 10, 0.9, None, True),  # played, but no last play is told
            (2, "repeats", 1, 10, 0.9, NOON, True),  # the other listener's
            (3, "new", 1, 10, 0.9, None, True),  # a listener without a play left
            (2, "mixed", 1, 11, 0.9, NOON, True),  # disliked
            (2, "new", 2, 10, 0.9, None, False),  # disliked by another one
        ],
        PLACES + ", wrong boolean",
    )
    pairs = spark.createDataFrame([(1, 10), (2, 11)], "user_id int, item_id int")
    items = spark.createDataFrame([(10,), (11,)], "item_id int")
    listeners = spark.createDataFrame([(1,), (2,)], "user_id int")
    unwanted = spark.createDataFrame([(2, 11), (3, 10)], "user_id int, item_id int")
    wrong = judged.where("wrong").count()
    measured = ineligible(judged.drop("wrong"), pairs, items, listeners, unwanted)
    assert figures(measured) == {"ineligible": float(wrong)}


def test_stability_is_the_mean_share_of_places_kept(spark):
    def night(*places):
        return spark.createDataFrame([(u, "mixed", r, i, 1.0, None) for u, r, i in places], PLACES)

    before = night((1, 1, 10), (1, 2, 11), (1, 3, 12), (2, 1, 10), (3, 1, 10))
    tonight = night((1, 1, 11), (1, 2, 13), (1, 3, 10), (2, 1, 10), (4, 1, 9))
    # depth 2: listener 1 keeps 11 of {10, 11}, listener 2 all; 3 and 4 have one night only
    assert figures(kept_share(tonight, before, depth=2)) == {"stability": 0.75}
    assert figures(kept_share(tonight, night((5, 1, 1)), depth=2)) == {"stability": None}


def test_scores_drift_by_the_stability_index(spark):
    def night(scores):
        rows = [(1, "mixed", n, n, float(s), None) for n, s in enumerate(scores)]
        return spark.createDataFrame([*rows, (1, "new", 1, 1, 1e9, None)], PLACES)

    before = night(range(100))
    assert figures(score_drift(night(range(100)), before))["score_drift"] == 0.0
    # all in the last bin: 9 bins lose .1, one gains .9
    moved = figures(score_drift(night([1000] * 50), before))["score_drift"]
    assert moved == pytest.approx(9 * (1e-4 - 0.1) * _ln(1e-4 / 0.1) + 0.9 * _ln(10), rel=0.05)
    assert figures(score_drift(night([]), before))["score_drift"] is None


def _ln(x: float) -> float:
    import math

    return math.log(x)


def test_age_runs_from_the_newest_play(spark):
    items = spark.createDataFrame(
        [(NOON,), (NOON - timedelta(days=9),)], "last_played_at timestamp"
    )
    assert figures(age_days(items, as_of=NOON + timedelta(hours=36))) == {"age_days": 1.5}


def test_a_check_warns_and_fails_beyond_its_limits():
    cases = [
        # check, value, warn, error, outcome
        ("coverage", 0.99, 0.99, 0.95, "ok"),  # at least
        ("coverage", 0.98, 0.99, 0.95, "warn"),
        ("coverage", 0.94, 0.99, 0.95, "error"),
        ("age_days", 2.0, 2.0, 30.0, "ok"),  # at most
        ("age_days", 2.1, 2.0, 30.0, "warn"),
        ("age_days", 31.0, 2.0, 30.0, "error"),
        ("duplicates", 1.0, None, 0.0, "error"),
        ("score_drift", 9.0, None, None, "ok"),  # no limit, never beyond
        ("stability", None, 0.4, 0.1, "none"),  # nothing to measure
    ]
    for name, value, warn, error, outcome in cases:
        assert Check(name, value, Limits(warn=warn, error=error)).outcome == outcome, name
