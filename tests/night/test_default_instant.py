"""The instant of a night for whoever gives none."""

from datetime import UTC, datetime

import pytest

from ritornello.errors import UsageError
from ritornello.night.default_instant import less_horizon

FIRST = datetime(2024, 3, 1, 10, tzinfo=UTC)
LAST = datetime(2024, 4, 1, 9, 59, 59, tzinfo=UTC)


def test_every_play_of_the_horizon_judges_the_lists():
    assert less_horizon(FIRST, LAST, 28.0) == datetime(2024, 3, 4, 10, tzinfo=UTC)
    assert less_horizon(FIRST, LAST, 0.5) == datetime(2024, 3, 31, 22, tzinfo=UTC)


def test_a_night_needs_plays_before_it():
    with pytest.raises(UsageError, match="no longer than the horizon of 31 days: give --as-of"):
        less_horizon(FIRST, LAST, 31.0)
    with pytest.raises(UsageError, match="to_end needs --as-of"):
        less_horizon(FIRST, LAST, "to_end")
