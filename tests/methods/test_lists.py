from datetime import UTC, datetime

import numpy as np
import pytest
from pyspark.sql import functions as F

from ritornello.features.neighbours import item_neighbours, spread
from ritornello.methods.definitions import SHELF_COLUMNS, own_scorer, published_lists
from ritornello.methods.learnt import (
    _ease,
    calibration,
    logit_scale,
    ship_ease,
    ship_pool,
)
from ritornello.methods.scorers import Given, Linear, Neighbours, Ranked
from ritornello.methods.shelves import rank_shelves, scored_items, shelves, with_given


def at(day: int) -> datetime:
    return datetime(2024, 5, day, tzinfo=UTC)


def pairs_of(spark, rows):
    """Pairs (user, item, day of the last play, plays), every count equal to the plays."""
    frame = spark.createDataFrame(
        [(u, i, at(day), float(n)) for u, i, day, n in rows],
        "user_id int, item_id int, last_played_at timestamp, plays double",
    )
    return frame.withColumns({name: F.col("plays") for name in SHELF_COLUMNS if name != "plays"})


@pytest.fixture(scope="module")
def shelved(spark):
    """Listener 1 knows 5 (3 plays), 6 and 7 (2 plays each, 7 more recently)."""
    pairs = pairs_of(spark, [(1, 5, 1, 3), (1, 6, 2, 2), (1, 7, 9, 2)])
    pairs = pairs.withColumn("plays_in_last_50", F.when(F.col("item_id") == 7, 1.0).otherwise(0.0))
    histories = spark.createDataFrame(
        [(1, [7, 7, 6, 5, 5, 6, 5])], "user_id int, item_ids array<int>"
    )
    return shelves(pairs, histories, columns=SHELF_COLUMNS)


def lists(shelved, **scorers):
    found = rank_shelves(shelved, scorers, popular=[9, 6, 8], length=5)
    return {row.method: row for row in found.collect()}


def test_most_popular_is_split_by_what_the_listener_knows(shelved):
    row = lists(shelved, most_popular=own_scorer("most_popular"))["most_popular"]
    assert (row.mixed, row.repeats, row.new) == ([9, 6, 8], [6], [9, 8])


def test_equal_counts_go_to_the_most_recently_played(shelved):
    row = lists(shelved, m=own_scorer("personal_most_popular_all"))["m"]
    assert row.mixed == [5, 7, 6, 9, 8]


def test_items_outside_the_window_come_only_as_filling(shelved):
    row = lists(shelved, m=own_scorer("personal_most_popular_last_50"))["m"]
    assert (row.mixed, row.repeats, row.new) == ([7, 9, 6, 8], [7, 6], [9, 8])
    unfilled = lists(shelved, m=own_scorer("personal_most_popular_last_50_unfilled"))["m"]
    assert (unfilled.mixed, unfilled.new) == ([7], [])


def test_the_published_rule_gives_ties_to_the_first_seen(shelved):
    """Oldest first: 5 6 5 5 6 7 7; 6 and 7 have two each, 6 was seen first."""
    row = lists(shelved, m=own_scorer("personal_most_popular_last_50_first_seen"))["m"]
    assert row.mixed == [5, 6, 7]


def test_given_scores_mix_played_and_unplayed_and_are_filled(spark, shelved):
    scored = spark.createDataFrame(
        [(1, 8, 0.9), (1, 5, 0.5), (1, 3, 0.5)], "user_id int, item_id int, score double"
    )
    other = scored.limit(0).unionByName(scored.where("item_id = 3").withColumn("item_id", F.lit(2)))
    found = lists(
        with_given(shelved, [scored_items(scored, "g"), scored_items(other, "h")]),
        g=Given("g"),
        h=Given("h"),
        k=Given("k"),
    )
    row = found["g"]
    assert (row.mixed, row.repeats, row.new) == ([8, 5, 3, 9, 6], [5, 6], [8, 3, 9])
    assert (found["h"].mixed, found["k"].mixed) == ([2, 9, 6, 8], [9, 6, 8])


def test_a_ranking_for_everybody_keeps_its_order(shelved):
    row = lists(shelved, m=Ranked((8, 7, 9)))["m"]
    assert (row.mixed, row.repeats, row.new) == ([8, 7, 9, 6], [7, 6], [8, 9])


def test_neighbours_mix_the_own_vector_with_the_nearest(spark, shelved):
    """Listener 2 shares items 5 and 6, listener 3 nothing; 4 is what only 2 knows."""
    everybody = pairs_of(spark, [(2, 5, 1, 1), (2, 6, 1, 1), (2, 4, 1, 2), (3, 99, 1, 5)])
    pool = ship_pool(everybody, name="pool-of-the-test", listeners=10, per_user=10)
    row = lists(shelved, m=Neighbours(pool, "decayed_60d", 0.5, nearest=2))["m"]
    # own: 5 3/7, 6 and 7 2/7; theirs: 5 and 6 1/4, 4 1/2; halves of both
    assert row.mixed == [5, 6, 4, 7, 9]


def test_ease_is_the_closed_form(spark, shelved):
    """Against the definition: the ridge regression of every item on all others."""
    draw = np.random.default_rng(5)
    played = draw.random((40, 6)) < 0.4
    rows = [(u + 10, i + 3, 1, 1) for u, i in zip(*np.nonzero(played), strict=True)]
    pairs = pairs_of(spark, [(int(u), int(i), d, n) for u, i, d, n in rows])
    x = played.astype(float)
    found = _ease(x.T @ x, 2.0)
    for item in range(6):
        others = np.arange(6) != item
        own = np.linalg.solve(
            x[:, others].T @ x[:, others] + 2.0 * np.eye(5), x[:, others].T @ x[:, item]
        )
        assert found[others, item] == pytest.approx(own, abs=1e-5)
    items = pairs.groupBy("item_id").agg(F.count("*").alias("users"))
    file = ship_ease(pairs, items, name="ease-of-the-test", catalogue=6, ridges=[2.0])
    row = lists(shelved, m=Linear(file, "ridge_2"))["m"]
    scores = found[[2, 3, 4]].sum(axis=0)  # items 5, 6 and 7 are columns 2, 3 and 4
    assert row.new[:3] == [int(i) + 3 for i in np.argsort(-scores) if i in (0, 1, 5)]


def test_item_neighbours_by_hand(spark):
    """1 and 2 share two of three listeners each; 3 shares one with each: too few."""
    pairs = pairs_of(
        spark,
        [(1, 1, 1, 1), (1, 2, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1), (3, 1, 1, 1), (3, 3, 1, 1),
         (4, 2, 1, 1), (4, 3, 1, 1)],
    )  # fmt: skip
    near = item_neighbours(pairs, per_user=10, nearest=5, shrink=2.0)
    found = {(r.item_id, r.other_id): r.similarity for r in near.collect()}
    cosine = 2 / np.sqrt(3 * 3)
    assert found == pytest.approx({(1, 2): cosine * 2 / 4, (2, 1): cosine * 2 / 4})
    asked = pairs.where("user_id = 3").select("user_id", "item_id", F.lit(2.0).alias("w"))
    scored = spread(asked, near, weights=["w"], per_user=5).collect()
    assert [(r.user_id, r.item_id, r.w) for r in scored] == [(3, 2, pytest.approx(cosine))]


def test_the_logit_scale_finds_what_the_labels_were_drawn_from(spark):
    draw = np.random.default_rng(9)
    als, count = draw.random(20_000), draw.integers(0, 3, 20_000)
    logit = 3.0 * als + 0.5 * np.log1p(count / 0.01) - 3.0
    label = (draw.random(20_000) < 1 / (1 + np.exp(-logit))).astype(int)
    rows = [(float(a), float(c), int(y)) for a, c, y in zip(als, count, label, strict=True)]
    judged = spark.createDataFrame(rows, "als_score double, count double, label int")
    scale = logit_scale(judged)
    assert scale.slope == pytest.approx(6.0, rel=0.1)
    bins = calibration(judged, scale).collect()
    assert sum(one.pairs for one in bins) == 20_000
    assert all(abs(one.predicted - one.observed) < 0.05 for one in bins if one.pairs > 300)


def test_published_lists_come_back_in_the_order_of_their_ranks(spark):
    published = spark.createDataFrame(
        [(1, "mixed", 2, 5), (1, "mixed", 1, 6), (1, "new", 1, 6)],
        "user_id int, list string, rank int, track_id int",
    )
    row = published_lists(published, method="ranker", item="track_id").first()
    assert (row.mixed, row.repeats, row.new) == ([6, 5], [], [6])
