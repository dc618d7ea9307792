from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from chispa import assert_df_equality
from pyspark.sql import functions as F

from features.equality import assert_same_rows
from ritornello.as_of import before, between
from ritornello.features.changes import pair_changes
from ritornello.features.items import item_stats, item_stats_forward
from ritornello.features.narrow import Sieve, in_or_out
from ritornello.features.profile import user_profile, user_profile_forward
from ritornello.features.states import PAIR, folded, month_states, pair_state

PLAYS = "user_id int, item_id int, played_at timestamp"
APRIL = datetime(2024, 4, 28, tzinfo=UTC)
END = APRIL + timedelta(days=11)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2024, 5, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def random_plays(spark):
    """Three listeners, six items, plays by the hour over ten days around the end of April."""
    draw = np.random.default_rng(3)
    rows = [
        (int(u), int(i), APRIL + timedelta(hours=int(h)))
        for u, i, h in draw.integers([1, 1, 0], [4, 7, 240], (400, 3))
    ]
    return spark.createDataFrame(rows, PLAYS).cache()


def test_pair_state_counts_days_and_the_running_streak(spark):
    plays = spark.createDataFrame(
        [
            (1, 7, at(1)),
            (1, 7, at(4)),  # a gap before: the streak begins here
            (1, 7, at(5, 1)),
            (1, 7, at(5, 23)),  # the same day twice
            (1, 8, at(2)),  # another item
            (2, 7, at(9)),  # another listener
        ],
        PLAYS,
    )
    actual = pair_state(plays, valued_at=at(10)).select(
        "user_id", "item_id", "plays", "days", "streak_first_day", "streak_last_day", "streak_plays"
    )
    expected = spark.createDataFrame(
        [
            (1, 7, 4, 3, date(2024, 5, 4), date(2024, 5, 5), 3),
            (1, 8, 1, 1, date(2024, 5, 2), date(2024, 5, 2), 1),
            (2, 7, 1, 1, date(2024, 5, 9), date(2024, 5, 9), 1),
        ],
        "user_id int, item_id int, plays long, days int, streak_first_day date, "
        "streak_last_day date, streak_plays long",
    )
    assert_df_equality(actual, expected, ignore_row_order=True, ignore_nullable=True)


def test_a_play_halves_with_its_age_in_seconds(spark):
    # played 36 hours before: 2^-1.5 of it is left at a half-life of a day, not 2^-1 or 2^-2
    state = pair_state(spark.createDataFrame([(1, 7, at(8, 12))], PLAYS), valued_at=at(10, 0))
    row = state.first()
    assert row.decayed_1d == pytest.approx(2**-1.5, rel=1e-12)
    assert row.decayed_30d == pytest.approx(2 ** (-1.5 / 30), rel=1e-12)


@pytest.mark.parametrize("hours", [[0], [5, 96, 100], [240, 70, 133, 71]])
def test_stretches_in_any_order_are_the_whole_history(spark, random_plays, hours):
    """Cuts within a day, at midnight, at both ends; each stretch valued at its own end."""
    cuts = sorted(APRIL + timedelta(hours=h) for h in hours)
    stretches = [
        pair_state(between(random_plays, start, end), valued_at=end)
        for start, end in pairwise([APRIL, *cuts, END])
    ][::-1]
    actual = folded(reduce(lambda a, b: a.unionByName(b), stretches), valued_at=END)
    assert_same_rows(actual, pair_state(random_plays, valued_at=END), PAIR)


def test_months_and_the_plays_since_are_the_whole_history(spark, random_plays):
    months = month_states(before(random_plays, at(1, 0)))
    assert {row.valued_at for row in months.collect()} == {datetime(2024, 5, 1)}
    tail = pair_state(between(random_plays, at(1, 0), END), valued_at=END)
    actual = folded(months.unionByName(tail), valued_at=END)
    assert_same_rows(actual, pair_state(random_plays, valued_at=END), PAIR)


def test_sums_go_forward_with_what_is_new_whenever_it_was_played(spark, random_plays):
    """A day's sums and the plays that were new to it, some of them older than it, are a rebuild."""
    day, window = at(3), timedelta(days=4)
    late = random_plays.where("item_id in (2, 5) and user_id < 3")  # two pairs each, wholly late
    known = before(random_plays, day).exceptAll(late)
    added = before(random_plays, END).exceptAll(known)
    old = pair_state(known, valued_at=day)
    whole = pair_state(random_plays, valued_at=END)
    counted = month_states(random_plays).select(*PAIR, "plays")  # several rows of a pair
    changes = pair_changes(added, counted, as_of=END).cache()

    from_day = {"valued_at": day}
    items = with_values(item_stats(old), from_day)
    assert_same_rows(item_stats_forward(items, changes, as_of=END), item_stats(whole), ["item_id"])

    def profile(pairs, plays, as_of):
        return user_profile(pairs, plays, as_of=as_of, rhythm_days=window.days)

    came = between(random_plays, END - window, END).exceptAll(between(known, day - window, day))
    left = between(known, day - window, day).exceptAll(between(random_plays, END - window, END))
    signed = with_values(came, {"sign": 1}).unionByName(with_values(left, {"sign": -1}))
    users = with_values(profile(old, known, day), from_day)
    actual = user_profile_forward(users, changes, signed, as_of=END)
    assert_same_rows(actual, profile(whole, random_plays, END), ["user_id"])


def with_values(df, values):
    return df.withColumns({name: F.lit(value) for name, value in values.items()})


def by_slots(rows, keys):
    return in_or_out(rows, keys, on=PAIR)


def by_filter(rows, keys):
    return Sieve.of(keys, on=PAIR, expected=100).parts(rows)


@pytest.mark.parametrize("sift", [by_slots, by_filter])
def test_a_sieve_keeps_every_row_of_a_key_and_drops_nearly_all_others(spark, sift):
    rows = spark.range(20_000).selectExpr("int(id % 100) AS user_id", "int(id) AS item_id")
    keys = rows.where("item_id % 200 = 7").select(*PAIR)
    kept, dropped = (part.cache() for part in sift(rows, keys))
    assert kept.join(keys, PAIR, "left_semi").count() == 100
    assert 100 <= kept.count() <= 110
    assert kept.columns == rows.columns
    assert kept.unionByName(dropped).distinct().count() == rows.count()
    assert kept.join(dropped, PAIR, "left_semi").isEmpty()
