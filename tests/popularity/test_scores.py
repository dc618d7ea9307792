"""PPS against a dense listeners x items reference, on random histories."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from ritornello.popularity.counts import (
    activation,
    all_counts,
    exponential_counts,
    power_counts,
    window_counts,
)
from ritornello.popularity.positions import logits_at_positions, next_items
from ritornello.popularity.scores import floors, popularity_scores
from ritornello.popularity.sub_items import clusters_of, credits, parts_of

AS_OF = datetime(2024, 6, 1, tzinfo=UTC)
LISTENERS, ITEMS, EPS = 240, 12, 0.01
FORMS = ("raw", "smoothed", "softmax_logit", "sigmoid_logit")


@pytest.fixture(scope="module")
def histories():
    """A random history for every listener: (item, seconds before AS_OF), oldest first."""
    draw = np.random.default_rng(17)
    return {
        user: sorted(
            ((int(i), int(s)) for i, s in zip(
                draw.integers(0, ITEMS, n), draw.integers(1, 90 * 86_400, n), strict=True)),
            key=lambda play: -play[1],
        )
        for user, n in enumerate(draw.integers(1, 40, LISTENERS))
    }  # fmt: skip


@pytest.fixture(scope="module")
def plays(spark, histories):
    rows = [
        (user, item, AS_OF - timedelta(seconds=age))
        for user, played in histories.items()
        for item, age in played
    ]
    return spark.createDataFrame(rows, "user_id int, item_id int, played_at timestamp").cache()


def dense(counts: np.ndarray, eps: float) -> dict[str, np.ndarray]:
    """All forms of all items, straight from the formulas."""
    total, largest = counts.sum(), (counts + eps).max()
    q = ((counts + eps) / largest) / ((counts + eps) / largest).sum()
    return {
        "raw": counts / total,
        "smoothed": q,
        "softmax_logit": np.log((counts + eps) / largest),
        "sigmoid_logit": -np.log((1 - q) / q),
    }


def counted(counts) -> dict[int, np.ndarray]:
    found = {user: np.zeros(ITEMS) for user in range(LISTENERS)}
    for row in counts.collect():
        found[row.user_id][row.item_id] = row["count"]
    return found


def test_every_form_equals_the_dense_reference(plays):
    counts = all_counts(plays)
    by_user = counted(counts)
    found = {
        (r.user_id, r.item_id): r for r in popularity_scores(counts, items=ITEMS, eps=EPS).collect()
    }
    unplayed = {r.user_id: r for r in floors(counts, items=ITEMS, eps=EPS).collect()}
    for user, own in by_user.items():
        reference = dense(own, EPS)
        for item in range(ITEMS):
            row = found.get((user, item), unplayed[user])
            assert ((user, item) in found) == (own[item] > 0)
            for form in FORMS:
                assert row[form] == pytest.approx(reference[form][item], abs=1e-9, rel=1e-9)


def test_sparse_bonuses_rank_as_the_dense_logits_on_any_score(plays):
    counts = all_counts(plays)
    draw = np.random.default_rng(4)
    scores = draw.normal(0, 3, (LISTENERS, ITEMS))
    bonuses = {form: np.zeros((LISTENERS, ITEMS)) for form in ("softmax_bonus", "sigmoid_bonus")}
    for row in popularity_scores(counts, items=ITEMS, eps=EPS).collect():
        for form, bonus in bonuses.items():
            bonus[row.user_id, row.item_id] = row[form]
    for user, own in counted(counts).items():
        reference = dense(own, EPS)
        for form, bonus in bonuses.items():
            logit = reference[form.replace("bonus", "logit")]
            assert bonus[user][own == 0].tolist() == [0.0] * int((own == 0).sum())
            expected = np.argsort(-(scores[user] + logit))
            assert np.argsort(-(scores[user] + bonus[user])).tolist() == expected.tolist()


def test_published_bonuses_of_one_and_ten_plays(spark):
    counts = spark.createDataFrame(
        [(1, 1, 1.0), (1, 2, 10.0)], "user_id int, item_id int, count double"
    )
    rows = popularity_scores(counts, items=30_000).orderBy("item_id").collect()
    assert [round(row.softmax_bonus, 2) for row in rows] == [4.62, 6.91]


@pytest.mark.parametrize("half_life", [1.0, 30.0])
def test_exponential_counts_by_the_formula(plays, histories, half_life):
    found = counted(exponential_counts(plays, as_of=AS_OF, half_life_days=half_life))
    for user, played in histories.items():
        own = np.zeros(ITEMS)
        for item, age in played:
            own[item] += 2.0 ** (-age / 86_400 / half_life)
        assert found[user] == pytest.approx(own, abs=1e-9)


def test_power_law_is_the_base_level_activation(plays, histories):
    rows = activation(power_counts(plays, as_of=AS_OF, power=0.5)).collect()
    found = {(r.user_id, r.item_id): r.activation for r in rows}
    for user, played in histories.items():
        for item in {item for item, _ in played}:
            ages = np.array([age / 86_400 for one, age in played if one == item])
            assert found[user, item] == pytest.approx(np.log((ages**-0.5).sum()), abs=1e-9)


def test_a_window_counts_the_last_plays_only(spark, histories):
    rows = [
        (
            user,
            [i for i, _ in played[::-1]],
            [AS_OF - timedelta(seconds=a) for _, a in played[::-1]],
        )
        for user, played in histories.items()
    ]
    schema = "user_id int, item_ids array<int>, played_at array<timestamp>"
    found = counted(window_counts(spark.createDataFrame(rows, schema), length=7))
    for user, played in histories.items():
        own = np.bincount([item for item, _ in played[-7:]], minlength=ITEMS)
        assert found[user].tolist() == own.tolist()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=25),
    st.integers(7, 40),
    st.sampled_from([0.001, 0.01, 0.5]),
)
def test_positions_equal_the_dense_cumulative_sum(sequence, items, eps):
    """Cumulative sums of one-hots, smoothed, logit: at every position, for every item."""
    plays = np.array(sequence)
    counts = np.eye(items)[plays].cumsum(axis=0)
    q = (counts + eps) / (counts.sum(axis=1, keepdims=True) + items * eps)
    asked = np.tile(np.arange(items), (len(plays), 1))
    found = logits_at_positions(plays, asked, items=items, eps=eps)
    assert found == pytest.approx(-np.log((1 - q) / q), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=25), st.data())
def test_a_position_never_sees_what_comes_later(sequence, data):
    cut = data.draw(st.integers(1, len(sequence) - 1))
    other = [(item + 1) % 7 for item in sequence[cut:]]
    asked = np.tile(np.arange(7), (len(sequence), 1))
    one = logits_at_positions(np.array(sequence), asked, items=7)
    two = logits_at_positions(np.array(sequence[:cut] + other), asked, items=7)
    assert one[:cut].tolist() == two[:cut].tolist()
    assert one[cut:].tolist() != two[cut:].tolist()


def test_next_items_by_hand(spark):
    """Newest first 3 1 1 2: positions 1, 2, 3 are followed by 1, 1, 3."""
    table = spark.createDataFrame([(7, [3, 1, 1, 2]), (8, [5])], "user_id int, item_ids array<int>")
    rows = next_items(table, items=10, eps=EPS).orderBy("position").collect()
    assert [(r.user_id, r.position, r.item_id, r.seen) for r in rows] == [
        (7, 1, 1, 0), (7, 2, 1, 1), (7, 3, 3, 0),
    ]  # fmt: skip
    q = (1 + EPS) / (2 + 10 * EPS)
    floor = EPS / (2 + 10 * EPS)
    assert rows[1].sigmoid_logit == pytest.approx(np.log(q / (1 - q)), abs=1e-12)
    expected = np.log(q / (1 - q)) - np.log(floor / (1 - floor))
    assert rows[1].bonus == pytest.approx(expected, abs=1e-12)
    assert rows[0].bonus == pytest.approx(0.0, abs=1e-12)
    assert next_items(table, items=10, window=2, eps=EPS).count() == 1


def test_unplayed_items_of_a_played_artist_earn_credit(spark):
    """Items 1 and 2 are of artist 10, item 3 of artist 11, item 4 of nobody."""
    tracks = spark.createDataFrame(
        [(1, 10, [5, 6]), (2, 10, [6]), (3, 11, None), (4, None, [])],
        "item_id int, artist_id int, genre_ids array<bigint>",
    )
    counts = spark.createDataFrame(
        [(1, 1, 3.0), (1, 3, 1.0)], "user_id int, item_id int, count double"
    )
    asked = tracks.select(F.lit(1).alias("user_id"), "item_id")
    by_artist = credits(asked, counts, parts_of(tracks, "artist_id"), eps=EPS)
    found = {row.item_id: row.credit for row in by_artist.collect()}
    assert found[1] == found[2] == pytest.approx(np.log((3 + EPS) / EPS))
    assert found[3] == pytest.approx(np.log((1 + EPS) / EPS))
    assert found[4] == 0.0
    by_genre = credits(asked, counts, parts_of(tracks, "genre_ids"), eps=EPS)
    found = {row.item_id: row.credit for row in by_genre.collect()}
    assert found[2] == pytest.approx(np.log((1.5 + EPS) / EPS))
    assert found[3] == found[4] == 0.0


def test_clusters_code_the_signs_of_the_factors(spark):
    factors = spark.createDataFrame(
        [(1, [0.5, -0.1, 0.2, -0.9]), (2, [-0.5, 0.1, 0.2, -0.9])],
        "item_id int, factors array<float>",
    )
    rows = clusters_of(factors, codes=2, dimensions=2).collect()
    assert {(r.item_id, r.part) for r in rows} == {
        (1, "als0=1"), (1, "als1=1"), (2, "als0=2"), (2, "als1=1"),
    }  # fmt: skip
