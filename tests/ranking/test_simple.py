"""The plain count that ranks where there is too little to learn from."""

import math

import pytest

from ritornello.ranking.columns import FEATURES
from ritornello.ranking.past_counts import COUNTS
from ritornello.ranking.ranker import score
from ritornello.ranking.simple import (
    best_simple,
    counts_in_samples,
    listeners_to_learn_from,
    simple_ranker,
)

NAN = float("nan")
SAMPLES = "group_id long, user_id int, item_id int, label int, features array<float>"


def row(user: int, item: int, label: int = 0, **features: float):
    values = [features.get(name, NAN) for name in FEATURES]
    return (user << 16, user, item, label, values)


def ranked(spark, rows, ranker) -> list[int]:
    scored = score(spark.createDataFrame(rows, SAMPLES), ranker).toPandas()
    return scored.sort_values("score", ascending=False)["item_id"].tolist()


def test_played_items_come_first_then_the_others_by_als(spark):
    rows = [
        row(1, 10, log_decayed_30d=-13.0, als_score=0.1),
        row(1, 11, log_decayed_30d=2.0),
        row(1, 12, als_score=0.7),
        row(1, 13, als_score=0.9),
        row(1, 14),
    ]
    assert ranked(spark, rows, simple_ranker()) == [11, 10, 13, 12, 14]


def test_the_count_is_the_best_one_on_the_samples(spark):
    """What is played follows the last fifty plays, and no decayed count."""
    rows = [
        row(
            user,
            item,
            int(item < 3),
            plays_in_last_50=float(10 - item),
            **{f"log_decayed_{days}d": float(item) for days in (1, 3, 7, 14, 30, 60, 120, 365)},
            log_plays=1.0,
        )
        for user in range(4)
        for item in range(9)
    ]
    chosen, metrics = best_simple(counts_in_samples(spark.createDataFrame(rows, SAMPLES)))
    assert chosen.feature == "plays_in_last_50"
    assert math.isclose(metrics["ndcg@5"], 1.0)
    assert metrics["listeners"] == 4


def test_every_day_of_a_listener_is_judged_by_itself(spark):
    """The last plays are right on both days, but not on both as one."""
    counts = dict.fromkeys(COUNTS, 0.0)
    rows = [
        (day, item, int(item == 0), *(counts | {"plays_in_last_50": plays}).values())
        for day, most in ((1, 90.0), (2, 9.0))
        for item, plays in ((0, most), (1, most / 2), (2, most / 3))
    ]
    schema = f"group_id long, item_id int, label int, {' double, '.join(COUNTS)} double"
    rows.append((3, 7, 0, *counts.values()))  # nothing was played again: no day to judge by
    reverse = [(*row[:1], 9 - row[1], *row[2:]) for row in rows]  # the id decides no tie for it
    chosen, metrics = best_simple(spark.createDataFrame(reverse, schema))
    assert chosen.feature == "plays_in_last_50"
    assert (metrics["listeners"], metrics["ndcg@5"]) == (2, 1.0)
    nothing = spark.createDataFrame(rows[-1:], schema)
    assert best_simple(nothing) == (simple_ranker(), {})


def test_listeners_count_once_and_only_with_a_positive_label(spark):
    rows = [row(1, 1, 1), row(1, 2, 1), row(2, 1, 0), row(3, 1, 1)]
    assert listeners_to_learn_from(spark.createDataFrame(rows, SAMPLES)) == 2


@pytest.mark.parametrize("count", COUNTS)
def test_every_count_is_a_feature(count):
    assert count in FEATURES
    assert simple_ranker(count).feature == count
