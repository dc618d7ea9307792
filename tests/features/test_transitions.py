from collections import defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pyspark.sql import functions as F

from features.equality import assert_same_rows
from ritornello.features.history import before, between
from ritornello.features.narrow import Sieve
from ritornello.features.transitions import (
    REACH,
    SESSION_GAP_SECONDS,
    STEP,
    listener_steps,
    transition_months,
    transition_sums,
    transitions,
    transitions_with_tail,
)

PLAYS = "user_id int, item_id int, played_at timestamp"
FEBRUARY, MARCH = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)


def played(spark, *rows):
    """(listener, item, minutes after the last midnight of January)."""
    start = FEBRUARY - timedelta(days=1)
    return spark.createDataFrame([(u, i, start + timedelta(minutes=m)) for u, i, m in rows], PLAYS)


def told(rows):
    return {
        (row.as_of.strftime("%m"), row.item_id, row.next_item_id): row.weight
        for row in rows.collect()
    }


def test_a_play_one_two_and_three_places_later_counts_less_and_less(spark):
    plays = played(spark, (1, 10, 0), (1, 11, 4), (1, 12, 8), (1, 13, 12), (1, 14, 16))
    weights = told(transition_months(plays))
    assert weights["02", 10, 11] == 1.0
    assert weights["02", 10, 12] == 0.5
    assert weights["02", 10, 13] == pytest.approx(1 / 3)
    assert ("02", 10, 14) not in weights
    assert len(weights) == 4 + 3 + 2


def test_a_session_ends_after_half_an_hour_and_no_item_follows_itself(spark):
    plays = played(
        spark, (1, 10, 0), (1, 10, 29), (1, 11, 59), (2, 12, 59), (2, 13, 88), (3, 14, 89)
    )
    assert told(transition_months(plays)) == {("02", 12, 13): 1.0}


def test_a_listener_counts_three_at_most_in_a_month_and_again_in_the_next(spark):
    many = [(1, 10 + n % 2, n) for n in range(12)]
    later = [(1, item, minute + 10 * 1_440) for _, item, minute in many]
    weights = told(transition_months(played(spark, *many, *later)))
    assert weights["02", 10, 11] == weights["03", 10, 11] == 3.0


def test_a_step_over_the_end_of_a_month_belongs_to_the_next(spark):
    plays = played(spark, (1, 10, 1_430), (1, 11, 1_439), (1, 12, 1_441))
    assert told(transition_months(plays)) == {
        ("02", 10, 11): 1.0,
        ("03", 11, 12): 1.0,
        ("03", 10, 12): 0.5,
    }
    later = between(plays, FEBRUARY - REACH, MARCH)
    assert set(told(transition_months(later, since=FEBRUARY))) == {("03", 11, 12), ("03", 10, 12)}


def test_what_only_one_listener_did_is_not_served_and_months_fade(spark):
    once = [(1, 10, 0), (1, 11, 1), (1, 20, 2_000), (1, 21, 2_001)]
    same_in_february = [(2, 10, 20 * 1_440), (2, 11, 20 * 1_440 + 1), (1, 11, 20 * 1_440)]
    months = transition_months(played(spark, *once, *same_in_february))
    rows = transitions(transition_sums(months, valued_at=MARCH, half_life_days=29.0)).collect()
    assert [(r.item_id, r.next_item_id, r.weight, r.rank) for r in rows] == [(10, 11, 1.5, 1)]


@pytest.fixture(scope="module")
def crowd(spark):
    """Eight listeners, six items, some 2,400 plays in sessions over three months."""
    draw = np.random.default_rng(8)
    rows = []
    for user in range(8):
        for start in draw.integers(0, 90 * 86_400, 60):
            at = start + np.cumsum(draw.integers(60, 2_400, 5))
            items = draw.choice(6, 5, p=[0.4, 0.2, 0.2, 0.1, 0.06, 0.04])
            rows += [
                (user, int(i), datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=int(s)))
                for i, s in zip(items, at, strict=True)
            ]
    return spark.createDataFrame(rows, PLAYS).cache()


def test_months_are_what_a_loop_over_plays_finds(crowd):
    weights, users = defaultdict(float), defaultdict(set)
    by_user = defaultdict(list)
    for row in crowd.collect():
        by_user[row.user_id].append((int(row.played_at.timestamp()), row.item_id, row.played_at))
    for user, plays in by_user.items():
        plays.sort()
        own = defaultdict(float)
        for later, (_at, then, day) in enumerate(plays):
            for lag in (1, 2, 3):
                first = later - lag
                near = range(max(first, 0), later)
                gaps = [plays[n + 1][0] - plays[n][0] for n in near]
                if first >= 0 and max(gaps) < SESSION_GAP_SECONDS and plays[first][1] != then:
                    own[day.strftime("%Y-%m"), plays[first][1], then] += 1 / lag
        for key, weight in own.items():
            weights[key] += min(weight, 3.0)
            users[key].add(user)
    found = transition_months(crowd).withColumn(
        "month", F.date_format(F.add_months("as_of", -1), "yyyy-MM")
    )
    rows = {(r.month, r.item_id, r.next_item_id): r for r in found.collect()}
    assert set(rows) == set(weights)
    for key, row in rows.items():
        assert row.weight == pytest.approx(weights[key], rel=1e-12)
        assert (row.first_user, row.last_user) == (min(users[key]), max(users[key]))


def lets_all_through(_sieve, rows):
    return rows, rows.limit(0)


@pytest.mark.parametrize(
    ("served", "hours", "parts"),
    [
        (3, 3, Sieve.parts),
        (3, 30, Sieve.parts),
        (3, 480, Sieve.parts),
        (3, 480, lets_all_through),
        (100, 3, lets_all_through),
        (100, 480, Sieve.parts),
    ],
)
def test_the_best_of_the_months_and_the_tail_are_the_best_of_all(
    crowd, served, hours, parts, monkeypatch
):
    monkeypatch.setattr("ritornello.features.transitions.SERVED", served)
    monkeypatch.setattr(Sieve, "parts", parts)
    as_of = MARCH + timedelta(hours=hours)
    known = before(crowd, as_of)
    every = transition_months(known)
    ends = F.least("as_of", F.lit(as_of))
    options = {"half_life_days": 30.0}
    unfinished = every.withColumn("as_of", ends)
    expected = transitions(transition_sums(unfinished, valued_at=as_of, **options))
    months = every.where(F.col("as_of") <= F.lit(MARCH))
    tail = listener_steps(between(known, MARCH - REACH, as_of), since=MARCH).cache()
    sums = transition_sums(months, valued_at=MARCH, **options)
    best = transitions(sums)
    days = {"valued_at": MARCH, "as_of": as_of, **options}
    actual = transitions_with_tail(best, sums, tail, **days)
    assert_same_rows(actual, expected.drop("rank"), [*STEP])
    assert best.count() == 6 * min(served, 5)


def test_a_step_of_two_listeners_enters_a_full_list_that_it_outweighs(spark, monkeypatch):
    monkeypatch.setattr("ritornello.features.transitions.SERVED", 1)
    columns = "item_id int, next_item_id int, weight double, first_user int, last_user int"
    sums = [(1, 2, 3.0, 1, 2), (1, 3, 2.0, 1, 2), (4, 5, 1.0, 1, 1), (6, 7, 9.0, 1, 2)]
    sums = spark.createDataFrame(sums, columns)
    # 1 to 3 now weighs 4; 4 to 5 was one listener's before; 6 to 8 is still one listener's
    made = [(2, 650, 1, 3, 12), (2, 650, 4, 5, 6), (2, 650, 6, 8, 18)]
    tail = "user_id int, month int, item_id int, next_item_id int, sixths bigint"
    now = transitions_with_tail(
        transitions(sums),
        sums,
        spark.createDataFrame(made, tail).cache(),
        valued_at=MARCH,
        as_of=MARCH + timedelta(seconds=1),
        half_life_days=1e6,
    )
    found = {(r.item_id, r.next_item_id): round(r.weight, 6) for r in now.collect()}
    assert found == {(1, 3): 4.0, (4, 5): 2.0, (6, 7): 9.0}
