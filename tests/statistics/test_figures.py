"""Seven plays and a skip; every figure worked out by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.statistics.figures import (
    counts_of_counts,
    log_bins,
    long_tail,
    pictures,
    quantile,
    statistics,
)
from ritornello.statistics.plots import drawn
from ritornello.statistics.table import LABELS, escaped, latex_table, plain_table

PLAYS = "user_id int, item_id int, played_at timestamp, weight int"


def at(day: int, clock: str) -> datetime:
    hour, minute, second = map(int, clock.split(":"))
    return datetime(2024, 5, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture(scope="module")
def plays(spark):
    return spark.createDataFrame(
        [
            (1, 1, at(6, "10:00:00"), 1),  # a Monday
            (1, 1, at(7, "10:00:00"), 1),  # a day later
            (1, 2, at(7, "11:00:00"), 1),
            (1, 1, at(10, "10:00:00"), 1),  # three days later
            (2, 1, at(6, "10:30:00"), 2),  # a like is a play
            (2, 1, at(12, "23:59:59"), 1),  # 566,999 seconds later, a Sunday
            (2, 3, at(12, "23:59:59"), 1),  # the same moment
            (3, 4, at(6, "10:00:00"), -1),  # a skip: neither listener nor item
        ],
        PLAYS,
    )


@pytest.fixture(scope="module")
def figures(plays):
    return statistics(plays)


def test_the_figures(figures):
    assert figures == {
        "listeners": 2,
        "items": 3,
        "actions": 7,
        "length_mean": 3.5,
        "length_median": 3.5,
        "length_min": 3,
        "length_max": 4,
        "length_p80": pytest.approx(3.8),
        "listeners_from_10": 0,
        "listeners_from_20": 0,
        "listeners_from_50": 0,
        "pairs": 4,
        "listener_times": 6,
        "items_below_5": 2,
        "sparsity": pytest.approx(1 / 3),
        "density": pytest.approx(2 / 3),
        "repeat_share": pytest.approx(3 / 7),
        "return_gap_median_days": 3.0,
        "negative_actions": 1,
    }


def test_listeners_are_counted_from_ten_twenty_and_fifty_plays(spark):
    moment = at(6, "10:00:00")
    rows = [
        (user, 1, moment + timedelta(seconds=n), 1)
        for user, length in ((1, 9), (2, 10), (3, 20), (4, 50))
        for n in range(length)
    ]
    found = statistics(spark.createDataFrame(rows, PLAYS))
    assert [found[f"listeners_from_{n}"] for n in (10, 20, 50)] == [3, 2, 1]


def test_without_a_play_counts_are_zero_and_the_rest_is_none(spark):
    nothing = spark.createDataFrame([], PLAYS)
    found = statistics(nothing)
    counts = ("listeners", "items", "actions", "pairs", "listener_times", "items_below_5")
    assert [found[name] for name in counts] == [0] * 6
    assert found["repeat_share"] is found["length_median"] is found["sparsity"] is None
    assert pictures(nothing)["long_tail"] == []
    assert set(drawn(pictures(nothing))) == {"long_tail", "history_length", "return_gap", "rhythm"}


def test_pictures(plays):
    told = pictures(plays)
    assert told["long_tail"] == [[1, 5], [2, 1], [3, 1]]
    assert [one["count"] for one in told["history_length"]] == [1, 1]  # 3 and 4 plays
    # 24, 72 and 157.5 hours: one in 15.8 to 25.1, one in 63 to 100, one in 100 to 158
    assert [one["count"] for one in told["return_gap"]] == [1, 0, 0, 1, 1]
    assert told["return_gap"][0]["from"] == pytest.approx(10**1.2)
    week = np.array(told["rhythm"])
    assert week.shape == (7, 24)
    assert (week[0, 10], week[1, 10], week[1, 11], week[4, 10], week[6, 23]) == (2, 1, 1, 1, 2)
    assert week.sum() == 7
    assert drawn(told)["long_tail"].axes[0].get_xscale() == "log"


@given(st.lists(st.integers(1, 30), min_size=1, max_size=50), st.sampled_from([0.0, 0.3, 0.8, 1.0]))
def test_quantiles_are_numpys(lengths, q):
    n, many = np.unique(lengths, return_counts=True)
    found = quantile(np.stack([n, many], axis=1), q)
    assert found == pytest.approx(float(np.quantile(lengths, q)))


def test_a_long_tail_has_its_ends_and_at_most_two_hundred_points():
    counts = np.array([[1, 100_000], [7, 900], [5_000, 1]])
    points = long_tail(counts)
    assert len(points) <= 200
    assert (points[0], points[1], points[-1]) == ([1, 5_000], [2, 7], [100_901, 1])


def test_bins_hold_every_count_and_powers_of_ten_begin_one():
    found = log_bins(np.array([[1, 4], [10, 2], [1_000, 3]]))
    assert [one["count"] for one in found if one["count"]] == [4, 2, 3]
    assert [one["from"] for one in found if one["count"]] == pytest.approx([1, 10, 1_000])


def test_counts_of_counts(plays):
    found = counts_of_counts(plays.where("weight > 0"), "item_id")
    assert found.tolist() == [[1, 2], [5, 1]]


def test_tables_have_a_row_per_figure_and_a_column_per_data_set(figures):
    text = latex_table({"a_b": figures, "none": {}})
    assert r" & a\_b & none \\" in text
    assert r"plays & 7 & -- \\" in text
    assert r"share of repeats & 0.4286 & -- \\" in text
    assert plain_table({"a": figures}).row_count == len(LABELS) == len(figures)
    assert r"1\,234\,567" in latex_table({"a": {"actions": 1_234_567}})


def test_latex_reads_no_command_in_a_name():
    assert escaped("a_b & c\\d~") == r"a\_b \& c\textbackslash{}d\textasciitilde{}"
