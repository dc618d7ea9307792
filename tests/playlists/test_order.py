"""Small steps from track to track: tempo, energy, key on the circle of fifths."""

import numpy as np
import pandas as pd

from ritornello.playlists.order import excess, key_steps, smooth_order, sounds_of
from ritornello.settings.playlists import SmoothSettings

NA = float("nan")
DEFAULTS = SmoothSettings()


def tracks(columns: str, rows: list[tuple]) -> np.ndarray:
    return sounds_of(pd.DataFrame(rows, columns=columns.split()))


def test_keys_are_apart_by_steps_on_the_circle_of_fifths():
    c, g, d, f_sharp, f, a, e = 0.0, 7.0, 2.0, 6.0, 5.0, 9.0, 4.0
    pairs = [
        # key mode key mode  steps
        (c, 1, c, 1, 0),
        (c, 1, g, 1, 1),
        (c, 1, f, 1, 1),  # the circle closes
        (c, 1, d, 1, 2),
        (c, 1, f_sharp, 1, 6),  # as far as it gets
        (c, 1, a, 0, 1),  # A minor is C major's relative: only the mode changes
        (c, 1, e, 0, 2),  # E minor stands at G
        (c, 1, c, 0, 4),  # C minor stands at E flat, three fifths down
        (a, 0, e, 0, 1),
        (c, 1, NA, 1, NA),
        (c, 1, c, NA, NA),
        (c, 1, -1.0, 1, NA),  # -1: the source found no key
    ]
    for key, mode, other, other_mode, steps in pairs:
        apart = key_steps(np.array([key, other]), np.array([mode, other_mode]))
        np.testing.assert_equal(apart[0, 1], steps)
        np.testing.assert_equal(apart[1, 0], steps)


def test_excess_is_counted_in_bounds_and_unknown_is_none():
    rows = tracks(
        "tempo energy key mode",
        [
            (100.0, 0.5, 0.0, 1),
            (120.0, 0.75, 2.0, 1),  # just within every bound
            (150.0, 0.5, 6.0, 1),  # from the first: 1.5 bounds of tempo over, 2 of key
            (NA, NA, NA, NA),
        ],
    )
    over = excess(rows, DEFAULTS)
    np.testing.assert_allclose(over[0], [0, 0, 3.5, 0])


def test_the_order_is_by_score_as_far_as_steps_are_small():
    by_score = tracks(
        "tempo",
        [(100.0,), (150.0,), (110.0,), (135.0,), (125.0,), (NA,)],
    )
    # 150 waits until one can walk up to it; the unknown one is a small step from anywhere
    assert smooth_order(by_score, DEFAULTS) == [0, 2, 4, 3, 1, 5]
    assert smooth_order(by_score[:2], DEFAULTS) == [0, 1]
    assert smooth_order(by_score, SmoothSettings(enabled=False)) == [0, 1, 2, 3, 4, 5]
    # all within the bounds, or nothing known: by score
    near = tracks("tempo energy", [(100.0, 0.5), (119.0, 0.6), (101.0, 0.5), (118.0, 0.7)])
    assert smooth_order(near, DEFAULTS) == [0, 1, 2, 3]
    assert smooth_order(tracks("track_id", [(n,) for n in range(4)]), DEFAULTS) == [0, 1, 2, 3]


def broken_steps(rows):
    """The steps of the list, in its order, that exceed a bound."""
    return int(np.count_nonzero(np.diagonal(excess(rows, DEFAULTS), offset=1)))


def test_a_track_left_over_moves_to_where_it_fits():
    # by score the walk goes 100 → 115 → 130 and leaves 90 behind, between 100 and 115's reach
    by_score = tracks("tempo", [(100.0,), (115.0,), (130.0,), (145.0,), (96.0,)])
    order = smooth_order(by_score, DEFAULTS)
    assert order == [0, 4, 1, 2, 3]
    assert broken_steps(by_score[order]) == 0


def test_fewer_broken_steps_than_by_score():
    rng = np.random.default_rng(7)
    before = after = 0
    for _ in range(20):
        frame = pd.DataFrame(
            {
                "tempo": rng.uniform(70, 170, 12),
                "energy": rng.uniform(0.2, 0.9, 12),
                "key": rng.integers(0, 12, 12),
                "mode": rng.integers(0, 2, 12),
            }
        )
        rows = sounds_of(frame)
        order = smooth_order(rows, DEFAULTS)
        assert sorted(order) == list(range(12))
        assert order[0] == 0  # the best opens
        assert order == smooth_order(rows, DEFAULTS)
        before += broken_steps(rows)
        after += broken_steps(rows[order])
    assert after < 0.8 * before
