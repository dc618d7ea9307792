import math
from datetime import UTC, datetime

import pytest

from ritornello.features.decay import DECAYED
from ritornello.features.items import item_stats
from ritornello.features.profile import user_profile
from ritornello.features.states import pair_state

PLAYS = "user_id int, item_id int, played_at timestamp"
NOW = datetime(2024, 5, 11, tzinfo=UTC)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2024, 5, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def plays(spark):
    return spark.createDataFrame(
        [
            (1, 7, at(1, 8)),
            (1, 7, at(2, 8)),
            (1, 7, at(6, 9)),  # a Monday
            (1, 8, at(7, 9)),  # a Tuesday
            (2, 7, at(3, 20)),
        ],
        PLAYS,
    ).cache()


def test_item_stats_count_listeners_repeats_and_plays(plays):
    found = {row.item_id: row for row in item_stats(pair_state(plays, valued_at=NOW)).collect()}
    assert (found[7].users, found[7].repeaters, found[7].plays) == (2, 1, 4)
    assert found[7].repeat_rate == pytest.approx(0.5)  # two of four plays were a listener's first
    assert found[8].repeat_rate == pytest.approx(0.0)


def test_an_item_exists_from_its_first_play(plays):
    early = plays.where(plays.played_at < at(5))
    assert [row.item_id for row in item_stats(pair_state(early, valued_at=NOW)).collect()] == [7]


def test_the_trend_is_above_zero_for_a_rising_item(spark):
    rising = spark.createDataFrame([(u, 1, at(10)) for u in range(50)], PLAYS)
    fading = spark.createDataFrame(
        [(u, 2, datetime(2024, 2, 1, tzinfo=UTC)) for u in range(50)], PLAYS
    )
    stats = item_stats(pair_state(rising.unionByName(fading), valued_at=NOW))
    trend = {row.item_id: row.trend for row in stats.collect()}
    assert trend[1] > 0.5
    assert trend[2] < -0.01


def test_a_profile_tells_volume_breadth_and_rhythm(plays):
    pairs = pair_state(plays, valued_at=NOW)
    told = user_profile(pairs, plays, as_of=NOW, rhythm_days=30)
    found = {row.user_id: row for row in told.collect()}
    assert (found[1].plays, found[1].items) == (4, 2)
    assert found[1].repeat_rate == pytest.approx(0.5)
    # shares 3/4 and 1/4: exp of their entropy
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert found[1].breadth == pytest.approx(math.exp(entropy))
    assert found[1].hour_shares[8] == pytest.approx(0.5)
    assert found[1].weekday_shares[0] == pytest.approx(0.25)  # one of four on a Monday
    assert sum(found[1].weekday_shares) == pytest.approx(1.0)


def test_the_rhythm_of_a_silent_listener_is_all_zero(plays):
    pairs = pair_state(plays, valued_at=NOW)
    told = user_profile(pairs, plays, as_of=NOW, rhythm_days=5)
    silent = told.where("user_id = 2").first()
    assert silent.hour_shares == [0.0] * 24
    assert silent.decayed_7d > 0
    assert set(DECAYED) <= set(told.columns)
