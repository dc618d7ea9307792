from datetime import UTC, datetime, timedelta

import pytest

from ritornello.errors import FitFailedError
from ritornello.ranking.days import learning_days
from ritornello.settings.lists import RankerSettings

D = datetime(2024, 12, 26, 15, 54, tzinfo=UTC)


@pytest.mark.parametrize("history_days", [5, 30, 90, 200, 2000])
@pytest.mark.parametrize("horizon_days", [1.0, 7.0, 28.0])
def test_no_window_reaches_what_it_may_not_see(history_days, horizon_days):
    settings = RankerSettings(horizon_days=horizon_days, training_days=4, step_days=7.0)
    first = D - timedelta(days=history_days)
    days = learning_days(D, first, settings)
    assert days.stopping + days.horizon <= D
    assert all(day + days.horizon <= days.stopping for day in days.training)
    assert all(day - days.horizon >= first for day in days.training)
    assert list(days.all) == sorted(set(days.all))


def test_a_long_history_is_learnt_from_as_set():
    settings = RankerSettings(horizon_days=28.0, training_days=3, step_days=14.0)
    days = learning_days(D, D - timedelta(days=400), settings)
    assert days.horizon == timedelta(days=28)
    assert days.training == tuple(D - timedelta(days=n) for n in (84, 70, 56))


def test_the_horizon_shrinks_with_a_short_history_and_gives_up_in_one_sentence():
    settings = RankerSettings(horizon_days=28.0)
    assert learning_days(D, D - timedelta(days=40), settings).horizon == timedelta(days=10)
    with pytest.raises(FitFailedError, match="too short"):
        learning_days(D, D - timedelta(days=3), settings)
