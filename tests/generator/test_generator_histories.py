"""One listener's history is a function of seed and number, within bounds, after releases."""

import numpy as np
import pytest
from pydantic import ValidationError

from ritornello.generator.listening import first_second, listener_history
from ritornello.generator.music import music_of
from ritornello.generator.streams import spread_ids
from ritornello.settings.generator import GeneratorSettings

SMALL = GeneratorSettings(listeners=400, tracks=8_000, giant_share=0.005, giant_plays=20_000)
DAY = 86_400


def history(listener, settings=SMALL):
    return listener_history(settings.seed, listener, music_of(settings), settings)


def test_the_same_number_gives_the_same_history_in_any_company():
    alone = history(7)
    for other in (3, 250, 8):
        history(other)
    music_of.cache_clear()
    again = history(7)
    assert np.array_equal(alone[0], again[0])
    assert np.array_equal(alone[1], again[1])


def test_seeds_and_listeners_differ():
    other_seed = SMALL.model_copy(update={"seed": SMALL.seed + 1})
    for other in (history(7, other_seed), history(8)):
        assert not np.array_equal(history(7)[1], other[1])


def test_lengths_lie_within_bounds_and_giants_appear():
    lengths = np.array([len(history(n)[0]) for n in range(SMALL.listeners)])
    giants = lengths > SMALL.plays_max
    assert lengths.min() == SMALL.plays_min  # the log-normal reaches below: clipped
    assert giants.sum() == 2  # one in 200
    assert (lengths[giants] >= 0.9 * SMALL.giant_plays).all()


def test_plays_are_in_time_order_within_the_log_and_after_the_release():
    catalogue, first = music_of(SMALL), first_second(SMALL)
    released_late = 0
    for listener in range(100):
        track, second = history(listener)
        release = catalogue.track_day[track].astype(np.int64)
        assert (np.diff(second) >= 0).all()
        assert second[0] >= first
        assert second[-1] < first + SMALL.days * DAY
        assert (second >= first + release * DAY).all()
        released_late += int((release >= 0).sum())
    assert released_late > 500  # the promise was put to the test


def test_most_listeners_play_through_the_span():
    begin = first_second(SMALL)
    seconds = [history(n)[1] for n in range(SMALL.listeners)]
    covered = np.array([np.ptp(second) for second in seconds]) / DAY
    recent = np.array([second[-1] for second in seconds]) >= begin + (SMALL.days - 28) * DAY
    assert np.mean(covered > 200) > 0.7
    assert np.mean(recent) > 0.6


def test_ids_grow_and_leave_gaps():
    ids = spread_ids(np.arange(10_000), first=148, stride=3, salt=5)
    gaps = np.diff(ids)
    assert ids[0] >= 148
    assert gaps.min() >= 1
    assert (gaps > 1).any()
    assert len(np.unique(gaps)) > 2


def test_the_catalogue_grows_slower_than_listeners():
    sizes = [GeneratorSettings(listeners=n).catalogue_tracks for n in (1_000, 100_000, 1_200_000)]
    assert sizes[0] < sizes[1] < sizes[2] <= 650_000
    assert sizes[2] / sizes[0] < 20


@pytest.mark.parametrize("bad", [{"listener": 5}, {"days": 3}, {"plays_min": 99, "plays_max": 50}])
def test_settings_refuse_what_they_do_not_know(bad):
    with pytest.raises(ValidationError):
        GeneratorSettings(**bad)
