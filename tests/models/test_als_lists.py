import numpy as np
import pytest

from ritornello.arrays import look_up
from ritornello.models import als_lists as room
from ritornello.models.als_lists import als_lists, best_unknown, ship

KNOWN = {0: [0, 3], 1: [], 2: [5, 6, 7, 999]}  # 999 has no factors


@pytest.fixture(scope="module")
def factors():
    draw = np.random.default_rng(5)
    ids = np.array([2 * n for n in range(40)], np.int32)  # ids with gaps
    return ids, draw.normal(size=(40, 4)).astype(np.float32), draw.normal(size=(3, 4)).astype("f4")


def test_lists_equal_the_dense_product_with_the_mask(spark, factors):
    ids, items, users = factors
    item_rows = [(int(i), [float(x) for x in f]) for i, f in zip(ids, items, strict=True)]
    user_rows = [(u, [float(x) for x in users[u]]) for u in range(3)]
    pairs = spark.createDataFrame(
        [(0, 0), (0, 6), (1, 78), (2, 10), (2, 999)], "user_id int, item_id int"
    )
    matrix = ship(spark.createDataFrame(item_rows, "item_id int, factors array<float>"))
    found = als_lists(
        spark.createDataFrame(user_rows, "user_id int, factors array<float>"),
        pairs,
        matrix,
        length=5,
    )
    known = {0: {0, 6}, 1: {78}, 2: {10, 999}}
    for row in found.collect():
        dense = {int(i): float(v @ users[row.user_id]) for i, v in zip(ids, items, strict=True)}
        ranked = sorted(dense, key=lambda i: (-dense[i], i))
        assert row.new_items == [i for i in ranked if i not in known[row.user_id]][:5]
        assert row.repeat_items == [i for i in ranked if i in known[row.user_id]]
        assert row.new_scores == pytest.approx([dense[i] for i in row.new_items], rel=1e-4)


def test_an_item_without_factors_is_nobodys_place(spark):
    """5 was listed but not played before the fit, and its place is that of the next id, 6."""
    factors = [(item, [1.0, item / 10]) for item in (6, 7, 9)]
    matrix = ship(spark.createDataFrame(factors, "item_id int, factors array<float>"))
    users = spark.createDataFrame([(0, [1.0, 1.0])], "user_id int, factors array<float>")
    known = spark.createDataFrame([(0, 5), (0, 6), (0, 8), (0, 99)], "user_id int, item_id int")
    row = als_lists(users, known, matrix, length=9).first()
    assert row.repeat_items == [6]
    assert row.new_items == [9, 7]


@pytest.mark.parametrize(
    ("items", "ids", "places", "there"),
    [
        ([5, 6], [6, 7], [0, 0], [False, True]),  # 5 would stand where 6 does
        ([7, 1, 9], [1, 7], [1, 0, 0], [True, True, False]),  # any order; beyond the last
        ([3], [], [0], [False]),
        ([], [3], [], []),
    ],
)
def test_an_absent_item_has_no_place_of_its_own(items, ids, places, there):
    at, is_there = look_up(np.array(items, np.int32), np.array(ids, np.int32))
    assert (at.tolist(), is_there.tolist()) == (places, there)


def test_tiles_of_items_change_nothing(monkeypatch, factors):
    ids, items, users = factors
    places = [np.array(KNOWN[u], np.int64)[np.array(KNOWN[u], np.int64) < 40] for u in range(3)]
    whole = best_unknown(users, places, ids, items, 6)
    monkeypatch.setattr(room, "ITEMS_PER_TILE", 7)
    tiled = best_unknown(users, places, ids, items, 6)
    for (a, _), (b, _) in zip(whole, tiled, strict=True):
        assert a.tolist() == b.tolist()


def test_scores_do_not_hang_on_who_else_stands_in_the_tile():
    draw = np.random.default_rng(3)
    items, users = (draw.normal(size=(n, 16)).astype(np.float32) for n in (3_000, 128))
    ids, nothing = np.arange(3_000, dtype=np.int32), np.array([], np.int64)
    together = best_unknown(users, [nothing] * 128, ids, items, 100)
    some = draw.permutation(128)[:13]
    apart = best_unknown(users[some], [nothing] * 13, ids, items, 100)
    for user, (found, scores) in zip(some, apart, strict=True):
        assert found.tolist() == together[user][0].tolist()
        assert scores.tolist() == together[user][1].tolist()


def test_equal_scores_go_to_the_smaller_id_and_the_masked_never_appear():
    ids = np.arange(10, dtype=np.int32)
    items = np.ones((10, 2), np.float32)
    found = best_unknown(np.ones((1, 2), np.float32), [np.array([0, 2])], ids, items, 20)
    assert found[0][0].tolist() == [1, 3, 4, 5, 6, 7, 8, 9]
