import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ritornello.evaluation.metrics import METRIC_COLUMNS, evaluate, means, metrics_of
from ritornello.evaluation.truth import graded, played, truth

LISTS = "user_id int, method string, mixed array<int>, repeats array<int>, new array<int>"
TRUTH = (
    "user_id int, all array<int>, repeats array<int>, new array<int>, all_gains array<double>, "
    "repeats_gains array<double>, new_gains array<double>"
)


def at(day: int) -> datetime:
    return datetime(2024, 5, day, tzinfo=UTC)


@pytest.fixture(scope="module")
def judged(spark):
    lists = spark.createDataFrame(
        [
            # two hits, at ranks 1 and 3; the only repeat is found first, the new one third
            (1, "m", [10, 11, 12, 13, 14], [10, 20], [11, 21, 12]),
            # listener 2 got no list at all
        ],
        LISTS,
    )
    asked = spark.createDataFrame(
        [
            (1, [10, 12, 30], [10], [12, 30], [1.0] * 3, [1.0], [1.0] * 2),
            (2, [10], [10], [], [1.0], [1.0], []),
        ],
        TRUTH,
    )
    rows = evaluate(lists, asked, ["m"]).collect()
    return {(row.user_id, row.target): row for row in rows}


def test_metrics_worked_out_by_hand(judged):
    row = judged[1, "all"]
    discount = [1 / math.log2(1 + rank) for rank in range(1, 6)]
    assert row.test_items == 3
    assert row.precision_5 == pytest.approx(2 / 5)
    assert row.recall_5 == pytest.approx(2 / 3)
    assert row.recall_capped_5 == pytest.approx(2 / 3)
    assert row.map_5 == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert row.ndcg_5 == pytest.approx((discount[0] + discount[2]) / sum(discount[:3]))
    # a hundred places, five filled: precision falls, the rest stays
    assert row.precision_100 == pytest.approx(2 / 100)
    assert row.ndcg_100 == pytest.approx(row.ndcg_5)


def test_repeats_and_new_are_judged_by_their_own_lists(judged):
    assert judged[1, "repeats"].ndcg_5 == pytest.approx(1.0)
    best = 1 + 1 / math.log2(3)
    assert judged[1, "new"].ndcg_5 == pytest.approx((1 / math.log2(4)) / best)


def test_a_listener_without_a_list_counts_zero_and_without_a_target_not_at_all(judged):
    assert judged[2, "all"].ndcg_40 == 0.0
    assert (2, "new") not in judged


def test_means_run_over_the_listeners_of_the_target(spark, judged):
    rows = {
        row.target: row for row in means(spark.createDataFrame(list(judged.values()))).collect()
    }
    assert rows["all"].listeners == 2
    assert rows["new"].listeners == 1
    assert rows["all"].ndcg_5 == pytest.approx(judged[1, "all"].ndcg_5 / 2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=100, max_size=100), st.integers(0, 50))
def test_every_metric_lies_between_zero_and_one(hits, missed):
    found = np.array([hits], dtype=float)
    size = np.array([max(1, int(found.sum()) + missed)], dtype=np.int32)
    best = (np.arange(100)[None, :] < size[:, None]).astype(float)
    values = dict(zip(METRIC_COLUMNS, metrics_of(found, best, size), strict=True))
    assert all(0 <= value[0] <= 1 + 1e-12 for value in values.values())
    assert values["recall_100"][0] <= values["recall_capped_100"][0] + 1e-12


def test_a_perfect_list_scores_one_even_if_shorter_than_k():
    hits = np.zeros((1, 100))
    hits[0, :7] = 1
    values = dict(zip(METRIC_COLUMNS, metrics_of(hits, hits, np.array([7], np.int32)), strict=True))
    assert values["ndcg_100"][0] == pytest.approx(1)
    assert values["map_100"][0] == pytest.approx(1)
    assert values["precision_10"][0] == pytest.approx(0.7)


def test_truth_splits_what_was_known_from_what_was_new(spark):
    wanted = spark.createDataFrame(
        [(1, 5, 1.0), (1, 6, 2.0)], "user_id int, item_id int, gain double"
    )
    pairs = spark.createDataFrame([(1, 5), (2, 6)], "user_id int, item_id int")
    row = truth(wanted, pairs).first()
    assert sorted(row["all"]) == [5, 6]
    assert (row["repeats"], row["new"]) == ([5], [6])
    assert (row["repeats_gains"], row["new_gains"]) == ([1.0], [2.0])


def test_graded_gains_take_the_explicit_and_then_the_later_event(spark):
    events = [
        (1, 5, at(1), 1),  # played ...
        (1, 5, at(2), -1),  # ... then skipped: nothing is left
        (1, 6, at(1), 2),  # liked ...
        (1, 6, at(2), -1),  # ... a later skip does not take the like back
        (1, 7, at(1), 2),
        (1, 7, at(2), -2),  # disliked later
        (1, 8, at(3), 1),
    ]
    plays = spark.createDataFrame(
        events, "user_id int, item_id int, played_at timestamp, weight int"
    )
    assert {(r.item_id, r.gain) for r in graded(plays).collect()} == {(6, 2.0), (8, 1.0)}
    assert {(r.item_id, r.gain) for r in played(plays).collect()} == {
        (item, 1.0) for item in (5, 6, 7, 8)
    }


def test_ndcg_of_graded_gains_by_hand(spark):
    """A like (2) at rank 2, a play (1) at rank 1: DCG 1 + 2/log2 3; ideal 2 + 1/log2 3."""
    lists = spark.createDataFrame([(1, "m", [10, 11], [], [])], LISTS)
    asked = spark.createDataFrame([(1, [10, 11], [], [], [1.0, 2.0], [], [])], TRUTH)
    row = evaluate(lists, asked, ["m"]).first()
    assert row.ndcg_5 == pytest.approx((1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    assert row.map_5 == pytest.approx(1.0)
