"""Every feature by hand for two listeners, and features that are unknown."""

import numpy as np
import pytest

from ritornello.candidates.union import union_of
from ritornello.errors import UsageError
from ritornello.ranking.columns import ARTIST, EVENT, FEATURES, MICROS_PER_DAY
from ritornello.ranking.matrix import feature_matrix, unknown_features
from ritornello.shelves.rows import Rows
from shelved import batch_of, catalogue_of

NOW = 100
NAN = float("nan")


def day(number: float) -> float:
    return number * MICROS_PER_DAY


@pytest.fixture(scope="module")
def values():
    """Listener 1 played item 10 four times and skipped it twice since; listener 2 never did."""
    decayed = {f"decayed_{d}d": float(n) for n, d in enumerate((365, 120, 60, 30, 14, 7, 3, 1), 1)}
    batch = batch_of(
        pairs={
            (1, 10): {
                "plays": 4, "days": 2, "first_played_at": day(90), "last_played_at": day(96),
                "streak_first_day": 95, "streak_last_day": 96, "streak_plays": 3, **decayed,
                "plays_in_last_50": 2, "plays_in_last_150": 3, "plays_since": 7,
            },
            (1, 12): {
                "plays": 1, "days": 1, "first_played_at": day(92), "last_played_at": day(92),
                **decayed,
            },
            (2, 11): {"plays": 1, "days": 1},
        },
        profiles={
            1: {
                "plays": 5, "items": 2, "repeat_rate": 0.6, "breadth": 1.5,
                "first_played_at": day(90), "last_played_at": day(96), "decayed_7d": 12.0,
                "decayed_30d": 8.0, "decayed_120d": 4.0, "decayed_365d": 0.0,
                "decayed_items_30d": 2.0,
            },
            2: {"plays": 8},
        },
        events=[
            (1, 10, -1, day(97)), (1, 10, -2, day(99)), (1, 11, 2, day(95)), (2, 12, -1, day(93)),
        ],
    )  # fmt: skip
    catalogue = catalogue_of(
        {
            10: {
                "users": 3, "plays": 6, "repeat_rate": 0.5, "trend": 0.25, "skips": 2,
                "first_played_at": day(60), "last_played_at": day(98), "decayed_7d": 1.0,
                "decayed_30d": 2.0,
            },
            11: {"users": 1, "plays": 3},
            12: {},
        },
        artists={10: 30, 12: 30},
    )  # fmt: skip
    owner, item = np.array([0, 0, 1]), np.array([10, 11, 10], np.int32)

    def proposal(at: list[int], score: float, rank: float) -> Rows:
        columns = {"score": np.full(len(at), score), "rank": np.full(len(at), rank)}
        return Rows(owner[at], item[at], columns)

    union = union_of(
        {
            "own_history": proposal([0], 2.0, 1),
            "als": proposal([1], 0.5, 3),
            "own_artists": proposal([2], 0.25, 4),
            "popular": proposal([1, 2], 1.0, 5),
        }
    )
    familiar = Rows(owner[:1], item[:1], {"score": np.array([0.75]), "rank": np.array([2.0])})
    matrix = feature_matrix(union, batch, catalogue, familiar, now=int(day(NOW)))
    return {
        (int(batch.users[o]), int(i)): dict(zip(FEATURES, row.tolist(), strict=True))
        for o, i, row in zip(union.owner, union.item, matrix, strict=True)
    }


def test_features_of_an_item_the_listener_played(values):
    expected = {
        "log_plays": np.log(5), "days": 2, "log_decayed_365d": 0, "log_decayed_1d": np.log(8),
        "log_decayed_30d": np.log(4), "share_7d": 6 / 12, "share_30d": 4 / 8, "share_120d": 2 / 4,
        "plays_in_last_50": 2, "plays_in_last_150": 3, "log_plays_since": np.log(8),
        "age_days": 4, "known_for_days": 10, "mean_gap_days": 2, "age_in_gaps": 2,
        "plays_per_day": 2, "streak_days": 2, "streak_plays": 3, "month_to_year": 4,
        "week_to_month": 6 / 4,
        "artist_share_7d": 12 / 12, "artist_share_30d": 8 / 8, "artist_share_365d": NAN,
        "artist_age_days": 4, "artist_items": 2, "artist_newest_item_days": 8,
        "share_of_artist_30d": 0.5,
        "log_item_users": np.log(4), "log_item_plays": np.log(7), "item_repeat_rate": 0.5,
        "item_trend": 0.25, "item_age_days": 40, "item_last_age_days": 2,
        "log_item_decayed_7d": 0, "log_item_decayed_30d": np.log(2),
        "item_share_of_listener": 4 / 6,
        "log_user_plays": np.log(6), "log_user_items": np.log(3), "user_repeat_rate": 0.6,
        "user_breadth": 1.5, "log_user_decayed_7d": np.log(13), "log_user_decayed_30d": np.log(9),
        "user_age_days": 4, "user_known_for_days": 10, "user_new_share_30d": 2 / 8,
        "own_history_rank": 1, "als_score": 0.75, "als_rank": 2, "own_artists_score": NAN,
        "own_artists_rank": NAN, "popular_rank": NAN,
    }  # fmt: skip
    for name, right in expected.items():
        assert values[1, 10][name] == pytest.approx(right, rel=1e-6, abs=1e-5, nan_ok=True), name


def test_what_does_not_apply_to_an_unplayed_item_is_unknown(values):
    unplayed = values[1, 11]
    for name in ("log_plays", "age_days", "streak_days", "share_7d", "artist_age_days"):
        assert np.isnan(unplayed[name]), name
    assert unplayed["artist_share_7d"] == 0  # no artist is known: none of the plays are theirs
    assert unplayed["item_share_of_listener"] == 0
    assert (unplayed["als_score"], unplayed["als_rank"], unplayed["popular_rank"]) == (0.5, 3, 5)
    assert values[2, 10]["artist_share_7d"] != 0  # of no plays at all there is no share
    assert values[2, 10]["own_artists_score"] == 0.25


def test_skips_and_likes_are_features(values):
    expected = {
        # log skips, share, age, before the last play, log likes, age, of item, of listener
        (1, 10): [np.log(3), 2 / 6, 1, -3, 0, NAN, 2 / 8, 2 / 7],
        (1, 11): [0, NAN, NAN, NAN, np.log(2), 5, 0, 2 / 7],
        (2, 10): [0, NAN, NAN, NAN, 0, NAN, 2 / 8, 1 / 9],
    }
    assert values.keys() == expected.keys()
    for key, right in expected.items():
        np.testing.assert_allclose([values[key][name] for name in EVENT], right, rtol=1e-6)


def test_features_may_be_unknown_for_everybody():
    assert unknown_features(has_artists=True, has_events=True) == ()
    left = unknown_features(has_artists=False, has_events=False, leave_out=["days"])
    assert left == (*ARTIST, *EVENT, "days")
    batch = batch_of(pairs={(1, 10): {"plays": 2, "days": 1}})
    union = union_of({"own_history": Rows(np.zeros(1, np.int64), np.array([10], np.int32),
                                          {"score": np.ones(1), "rank": np.ones(1)})})  # fmt: skip
    nobody = union.where(np.zeros(1, np.bool_))
    familiar = Rows(nobody.owner, nobody.item, {"score": np.zeros(0), "rank": np.zeros(0)})
    matrix = feature_matrix(
        union, batch, catalogue_of({10: {"plays": 2}}), familiar, now=0, unknown=left
    )
    known = dict(zip(FEATURES, matrix[0].tolist(), strict=True))
    assert all(np.isnan(known[name]) for name in left)
    assert known["plays_per_day"] == 2
    with pytest.raises(
        UsageError, match="names no feature with log_skip: they are log_plays, days"
    ):
        unknown_features(has_artists=True, has_events=True, leave_out=["log_skip"])
