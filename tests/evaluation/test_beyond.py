"""Four listeners, four items of popularity 1, 1/2, 1/4, 1/4; every figure worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ritornello.evaluation.beyond import beyond_accuracy, list_qualities, listener_tastes
from ritornello.evaluation.exposure import exposure
from ritornello.evaluation.places import item_traits, known_items, places

LISTS = "user_id int, method string, mixed array<int>, repeats array<int>, new array<int>"
PAIRS = "user_id int, item_id int, plays bigint"
TRAITS = "item_id int, artist_id int, genre_ids array<bigint>"


@pytest.fixture(scope="module")
def pairs(spark):
    return spark.createDataFrame(
        [
            (1, 1, 3),
            (1, 2, 1),
            (2, 1, 1),
            (3, 1, 1),
            (3, 3, 1),
            (4, 1, 1),
            (4, 2, 1),
            (4, 4, 1),
        ],
        PAIRS,
    )


@pytest.fixture(scope="module")
def items(spark):
    return spark.createDataFrame([(1, 4), (2, 2), (3, 1), (4, 1)], "item_id int, users bigint")


@pytest.fixture(scope="module")
def lists(spark):
    return spark.createDataFrame(
        [
            (1, "m", [1, 3, 2], [], []),
            (2, "m", [2, 9], [], []),  # 9 is outside the catalogue
            (3, "m", [], [], []),  # an empty list does not count
            (4, "m", [4], [], []),  # neither artist nor genre
            (1, "one", [1], [], []),
            (2, "far", [3], [], []),  # has no genre of the history
            (5, "stranger", [1, 2], [], []),  # has no history
        ],
        LISTS,
    )


@pytest.fixture(scope="module")
def told(spark, lists, items, pairs):
    traits = spark.createDataFrame(
        [(1, 7, [1]), (2, 7, [2, 1, 2]), (3, 8, [2]), (4, None, None)], TRAITS
    )
    known = known_items(items, pairs, traits).persist()
    laid = places(lists, pairs, known, cutoffs=(2, 3)).persist()
    qualities = list_qualities(laid, pairs, known).persist()
    rows = qualities.collect(), beyond_accuracy(qualities, laid, known).collect()
    yield (
        {(row.user_id, row.method, row.k): row for row in rows[0]},
        {(row.method, row.k): row for row in rows[1]},
    )
    for frame in (known, laid, qualities):
        frame.unpersist()


def test_lists_one_by_one(told):
    one, two, four = (told[0][user, "m", 2] for user in (1, 2, 4))
    assert (one["items"], two["items"], four["items"]) == (2, 2, 1)
    assert (one.novelty, two.novelty, four.novelty) == (1.0, 1.0, 2.0)  # bits
    assert (one.personal_novelty, two.personal_novelty, four.personal_novelty) == (0.5, 1.0, 0.0)
    assert (one.artists, two.artists, four.artists) == (2, 1, None)
    assert (one.same_artist, two.same_artist, four.same_artist) == (0.0, None, None)
    assert told[0][1, "m", 3].same_artist == pytest.approx(1 / 3)  # artists 7, 8, 7
    assert (3, "m", 2) not in told[0]


def test_means_run_over_the_lists_that_hold_something(told):
    row = told[1]["m", 2]
    assert row.listeners == 3
    assert row.novelty == pytest.approx(4 / 3)
    assert (row.personal_novelty, row.repeat_share) == (0.5, 0.5)
    assert (row.artists, row.same_artist) == (1.5, 0.0)


def test_popularity_lift_of_all_and_of_each_third(told):
    row = told[1]["m", 2]
    # lists: .625, .5, .25; histories of listeners 1, 2, 4: 3/4, 1, 7/12
    assert row.popularity_lift == pytest.approx((0.625 + 0.5 + 0.25) / (3 / 4 + 1 + 7 / 12))
    assert row.popularity_lift_niche == pytest.approx(0.25 / (7 / 12))
    assert row.popularity_lift_middle == pytest.approx(0.625 / 0.75)
    assert row.popularity_lift_mainstream == pytest.approx(0.5)
    stranger = told[1]["stranger", 2]
    assert (stranger.personal_novelty, stranger.popularity_lift) == (1.0, None)


def test_thirds_of_the_listeners_and_who_stands_on_a_cut(items, pairs):
    found = listener_tastes(pairs, known_items(items, pairs)).collect()
    # mean popularities 7/12 and 5/8 | 3/4 | 1: listeners 3 and 1 are the cuts themselves
    assert {row.user_id: row.taste for row in found} == {
        4: "niche",
        3: "niche",
        1: "middle",
        2: "mainstream",
    }


def test_coverage_and_gini_of_items_and_artists(told):
    two, three, one = told[1]["m", 2], told[1]["m", 3], told[1]["one", 2]
    assert (two.coverage, two.gini) == (1.0, 0.0)  # the item outside the catalogue stays out
    assert three.gini == pytest.approx((-3 - 1 + 1 + 3 * 2) / (4 * 5))  # places 1, 1, 1, 2
    assert (one.coverage, one.gini) == (0.25, 0.75)  # places 0, 0, 0, 1
    assert (two.artist_coverage, two.artist_gini) == (1.0, pytest.approx((-1 + 2) / (2 * 3)))
    assert (one.artist_coverage, one.artist_gini) == (0.5, 0.5)


def test_miscalibration_of_genres(told):
    first = 0.875 * math.log(0.875 / (0.99 * 0.5 + 0.01 * 0.875))
    second = 0.125 * math.log(0.125 / (0.99 * 0.5 + 0.01 * 0.125))
    assert told[0][1, "m", 2].miscalibration == pytest.approx(first + second)
    assert told[0][2, "m", 2].miscalibration == pytest.approx(math.log(1 / 0.505))
    assert told[0][4, "m", 2].miscalibration is None
    assert told[0][5, "stranger", 2].miscalibration is None
    assert told[1]["far", 2].miscalibration == pytest.approx(math.log(100))
    mean = (first + second + math.log(1 / 0.505)) / 2
    assert told[1]["m", 2].miscalibration == pytest.approx(mean)


def test_without_traits_nothing_is_told_of_artists_and_genres(lists, items, pairs):
    known = known_items(items, pairs)
    laid = places(lists, pairs, known, cutoffs=(10,))
    found = beyond_accuracy(list_qualities(laid, pairs, known), laid, known)
    row = found.where("method = 'm'").first()
    assert row.coverage == 1.0
    absent = (row.artists, row.same_artist, row.artist_gini, row.miscalibration)
    assert absent == (None, None, None, None)


def test_an_artist_has_the_genres_of_its_tracks(spark):
    tracks = spark.createDataFrame(
        [(1, 7, [1, 2]), (2, 7, [2]), (3, 8, None), (4, None, [5])],
        "track_id int, artist_id int, genre_ids array<bigint>",
    )
    found = {r.item_id: r.genre_ids for r in item_traits(tracks, item_kind="artist").collect()}
    assert found == {7: [1, 2], 8: []}
    assert item_traits(tracks, item_kind="track").count() == 4


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=12).filter(any))
def test_gini_is_half_the_relative_mean_difference(spark, counts):
    known = spark.createDataFrame([(i,) for i in range(len(counts))], "item_id int")
    rows = [("m", 10, i, 1.0) for i, count in enumerate(counts) for _ in range(count)]
    laid = spark.createDataFrame(rows, "method string, k int, item_id int, popularity double")
    x = np.array(counts)
    expected = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    assert exposure(laid, known, of="item_id").first().gini == pytest.approx(expected, abs=1e-12)
