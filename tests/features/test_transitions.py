from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pyspark.sql import functions as F

from features.equality import assert_same_rows
from ritornello.as_of import before, between
from ritornello.features.narrow import Sieve
from ritornello.features.steps import (
    REACH,
    SESSION_GAP_SECONDS,
    STEP,
    listener_steps,
    transition_months,
)
from ritornello.features.transitions import transition_sums, transitions
from ritornello.features.transitions_forward import Months, transitions_forward

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


def serve(monkeypatch, served):
    for module in ("transitions", "transitions_forward"):
        monkeypatch.setattr(f"ritornello.features.{module}.SERVED", served)


def months_of(sums):
    best = transitions(sums)
    return Months(best, sums.join(best, [*STEP], "left_anti"), MARCH)


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
    serve(monkeypatch, served)
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
    known_months = months_of(sums)
    actual = transitions_forward(known_months, tail, as_of=as_of, **options)
    assert_same_rows(actual, expected.drop("rank"), [*STEP])
    assert known_months.best.count() == 6 * min(served, 5)


SUMS = "item_id int, next_item_id int, weight double, first_user int, last_user int"
TAIL = "user_id int, month int, item_id int, next_item_id int, sixths bigint"


def a_second_later(spark, sums, made):
    """{step: weight} of the lists after the steps made in the first second of the month."""
    now = transitions_forward(
        months_of(spark.createDataFrame(sums, SUMS)),
        spark.createDataFrame(made, TAIL).cache(),
        as_of=MARCH + timedelta(seconds=1),
        half_life_days=1e9,
    ).collect()
    found = {(row.item_id, row.next_item_id): row.weight for row in now}
    assert len(found) == len(now)
    return found


def test_a_step_of_two_listeners_enters_a_full_list_that_it_outweighs(spark, monkeypatch):
    serve(monkeypatch, 1)
    sums = [(1, 2, 3.0, 1, 2), (1, 3, 2.0, 1, 2), (4, 5, 1.0, 1, 1), (6, 7, 9.0, 1, 2)]
    sums += [(8, 20, 3.0, 1, 2), (8, 10, 2.0, 1, 1)]
    # 1 to 3 now weighs 4; 4 to 5 was one listener's before; 6 to 8 is still one listener's;
    # 8 to 10 now weighs as much as 8 to 20
    made = [(2, 650, 1, 3, 12), (2, 650, 4, 5, 6), (2, 650, 6, 8, 18), (2, 650, 8, 10, 6)]
    found = a_second_later(spark, sums, made)
    assert found == pytest.approx({(1, 3): 4.0, (4, 5): 2.0, (6, 7): 9.0, (8, 10): 3.0})


def test_what_rises_from_the_end_of_a_list_leaves_its_place_to_what_stood_before(
    spark, monkeypatch
):
    serve(monkeypatch, 3)
    sums = [(1, n, weight, 1, 2) for n, weight in ((10, 5.0), (11, 4.0), (12, 3.0), (13, 2.5))]
    # the last of the list rises over all others, 13 enters: 11, in the middle until now, is out
    found = a_second_later(spark, sums, [(3, 650, 1, 12, 18), (3, 650, 1, 13, 12)])
    assert found == pytest.approx({(1, 12): 6.0, (1, 10): 5.0, (1, 13): 4.5})


@pytest.mark.parametrize("items", [{1, 2, 3, 4, 7}, {1, 4}])
def test_what_is_told_of_one_item_does_no_harm_to_another_of_its_slot(spark, monkeypatch, items):
    serve(monkeypatch, 2)
    monkeypatch.setattr("ritornello.features.narrow.SLOTS", 1)
    of_two = {1: (9.0, 8.0, 7.5), 2: (6.0, 5.0, 4.9, 4.8), 3: (20.0, 19.0), 7: (9.0,)}
    sums = [(i, 10 + n, w, 1, 2) for i, known in of_two.items() for n, w in enumerate(known)]
    sums += [
        (i, n, w, 1, 1) for i, n, w in ((4, 10, 1.0), (4, 11, 1.0), (7, 11, 4.0), (7, 12, 1.0))
    ]
    made = [
        (3, 650, 1, 12, 6),  # 8.5: the last of a full list goes
        (3, 650, 2, 12, 12),  # 6.9 and 6.8: both of a list go
        (3, 650, 2, 13, 12),
        (2, 650, 4, 10, 6),  # a list of two where there was none
        (2, 650, 4, 11, 6),
        (2, 650, 7, 11, 6),  # 5.0 and 2.0 for one place that is free
        (2, 650, 7, 12, 6),
    ]
    expected = {
        **{(1, 10): 9.0, (1, 12): 8.5, (2, 12): 6.9, (2, 13): 6.8, (3, 10): 20.0},
        **{(3, 11): 19.0, (4, 10): 2.0, (4, 11): 2.0, (7, 10): 9.0, (7, 11): 5.0},
    }
    sums = [row for row in sums if row[0] in items]
    found = a_second_later(spark, sums, [row for row in made if row[2] in items])
    assert found == pytest.approx({step: w for step, w in expected.items() if step[0] in items})


@pytest.mark.parametrize(("served", "slots"), [(4, 1 << 24), (9, 3)])
def test_lists_of_any_length_are_cut_as_if_all_steps_were_ranked_anew(
    spark, served, slots, monkeypatch
):
    """12 items, each followed by up to 16; few weights, so many are equal. With 3 slots of keys
    items share what is told of a slot."""
    serve(monkeypatch, served)
    monkeypatch.setattr("ritornello.features.narrow.SLOTS", slots)
    draw = np.random.default_rng(served)
    steps = [(i, n + 100) for i in range(12) for n in range(4 + i)]
    known = {
        step: (int(draw.integers(1, 7)) / 2, int(user), int(user + draw.integers(0, 2)))
        for step, user in zip(steps, draw.integers(0, 5, len(steps)), strict=True)
        if draw.random() < 0.8
    }
    made = {
        (int(draw.integers(0, 6)), *steps[n]): int(draw.integers(1, 13))
        for n in draw.integers(0, len(steps), 60)
    }
    expected = {}
    for item in range(12):
        now = []
        for step in (step for step in steps if step[0] == item):
            weight, first, last = known.get(step, (0.0, 99, -1))
            since = {u: sixths for (u, *of), sixths in made.items() if tuple(of) == step}
            users = {*since, *([first, last] if step in known else [])}
            if len(users) > 1:
                now.append((-weight - sum(since.values()) / 6, step))
        expected |= {step: -weight for weight, step in sorted(now)[:served]}

    rows = [(*step, *told) for step, told in known.items()]
    found = a_second_later(spark, rows, [(u, 650, i, n, s) for (u, i, n), s in made.items()])
    assert found == pytest.approx(expected)
    assert max(n for n in Counter(step[0] for step in found).values()) == served
