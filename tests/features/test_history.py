from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from chispa import assert_df_equality
from pyspark.sql import functions as F

from ritornello.features.history import (
    before,
    between,
    histories,
    pair_state,
    plays_of_items,
    revalue,
    then,
    with_last_plays,
)

PLAYS = "user_id int, item_id int, played_at timestamp"
MAY = datetime(2024, 5, 1, tzinfo=UTC)


def at(day: int, hour: int = 12, month: int = 5) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def random_plays(spark):
    """Three listeners, six items, plays by the hour over ten days: many meet within a day."""
    draw = np.random.default_rng(3)
    rows = [
        (int(u), int(i), MAY + timedelta(hours=int(h)))
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


@pytest.mark.parametrize("hours", [0, 5, 96, 100, 240])
def test_a_checkpoint_and_its_tail_are_the_whole_history(spark, random_plays, hours):
    cut, end = MAY + timedelta(hours=hours), MAY + timedelta(days=11)
    earlier = pair_state(before(random_plays, cut), valued_at=cut)
    later = pair_state(between(random_plays, cut, end), valued_at=end)
    whole = pair_state(random_plays, valued_at=end)
    assert same_states(then(revalue(earlier, valued_at=end), later), whole)


def test_joining_in_time_is_associative(spark, random_plays):
    cuts = [MAY + timedelta(hours=h) for h in (0, 70, 133, 264)]
    a, b, c = (
        pair_state(between(random_plays, start, end), valued_at=cuts[-1])
        for start, end in pairwise(cuts)
    )
    assert same_states(then(then(a, b), c), then(a, then(b, c)))


def same_states(actual, expected) -> bool:
    """Counts, days and times exactly, decayed sums to 1e-9 of their size."""
    keys = ["user_id", "item_id"]
    left, right = (
        df.toPandas().sort_values(keys).reset_index(drop=True) for df in (actual, expected)
    )
    decayed = [name for name in left.columns if name.startswith("decayed")]
    exact = [name for name in left.columns if name not in decayed]
    assert left[exact].equals(right[exact])
    return bool(np.allclose(left[decayed], right[decayed], rtol=1e-9, atol=0))


def test_skips_are_outside_all_counts_and_artists_of_unknown_tracks_stay_out(spark):
    plays = spark.createDataFrame(
        [(1, 7, at(1), 1), (1, 7, at(2), -1), (1, 8, at(3), 1)],
        "user_id int, track_id int, played_at timestamp, weight int",
    )
    tracks = spark.createDataFrame([(7, 70), (8, None)], "track_id int, artist_id int")
    by_track = plays_of_items(plays, tracks, item_kind="track")
    by_artist = plays_of_items(plays, tracks, item_kind="artist")
    assert sorted(row.item_id for row in by_track.collect()) == [7, 8]
    assert [row.item_id for row in by_artist.collect()] == [70]


def test_histories_keep_the_newest_and_break_ties_by_item(spark):
    plays = spark.createDataFrame(
        [(1, 7, at(1)), (1, 9, at(3)), (1, 8, at(3)), (1, 5, at(2)), (2, 5, at(1))], PLAYS
    )
    found = {row.user_id: row.item_ids for row in histories(plays, length=3).collect()}
    assert found == {1: [9, 8, 5], 2: [5]}


def test_last_plays_count_within_the_window_and_zero_beyond_it(spark):
    pairs = spark.createDataFrame([(1, 7), (1, 8), (1, 9)], "user_id int, item_id int")
    # 7 was played 60 plays ago and again long before; 9 is older than the stored history
    listened = [8] * 60 + [7] + [8] * 100 + [7]
    stored = spark.createDataFrame([(1, listened)], "user_id int, item_ids array<int>")
    found = {row.item_id: row for row in with_last_plays(pairs, stored).collect()}
    assert (found[7].plays_in_last_50, found[7].plays_in_last_150) == (0, 1)
    assert (found[7].plays_in_last_500, found[7].plays_since) == (2, 60)
    assert (found[8].plays_in_last_50, found[8].plays_since) == (50, 0)
    assert (found[9].plays_in_last_2000, found[9].plays_since) == (0, None)


def test_before_is_strict_and_between_takes_its_start(spark):
    plays = spark.createDataFrame([(1, 1, at(1)), (1, 2, at(2)), (1, 3, at(3))], PLAYS)
    assert [r.item_id for r in before(plays, at(2)).orderBy("item_id").collect()] == [1]
    assert [r.item_id for r in between(plays, at(2), at(3)).collect()] == [2]
    assert before(plays, at(1)).filter(F.lit(True)).count() == 0
