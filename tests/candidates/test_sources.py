import numpy as np

from ritornello.candidates.sources import als, own_artists, own_history, popular
from ritornello.candidates.union import are_repeats, union_of
from ritornello.shelves.rows import Rows
from shelved import as_dict, batch_of, catalogue_of


def proposal(*rows: tuple[int, int, float, float]) -> Rows:
    owner, item, score, rank = (np.array(one) for one in zip(*rows, strict=True))
    return Rows(owner, item.astype(np.int32), {"score": score, "rank": rank})


def test_own_history_keeps_the_best_and_breaks_ties_by_item():
    batch = batch_of(
        pairs={
            (1, 10): {"decayed_30d": 3.0},
            (1, 12): {"decayed_365d": 10.0},  # equal to 11 through the year: the larger id
            (1, 11): {"decayed_30d": 1.0},
            (1, 13): {"decayed_30d": 0.5},  # cut off
            (2, 13): {"decayed_30d": 0.1},  # another listener has their own ranks
        }
    )
    ranks = as_dict(own_history(batch.pairs, limit=3), batch, "rank")
    assert ranks == {(1, 10): (1,), (1, 11): (2,), (1, 12): (3,), (2, 13): (1,)}


def test_popular_leaves_played_items_out_and_keeps_the_order():
    batch = batch_of(pairs={(1, 1): {}, (1, 4): {}, (1, 99): {}, (2, 3): {}})
    catalogue = catalogue_of({}, popular=[3, 1, 2, 4])
    proposed = as_dict(popular(batch, catalogue, limit=2), batch, "rank", "score")
    assert proposed == {(1, 3): (1, 1), (1, 2): (2, 0.5), (2, 1): (1, 1), (2, 2): (2, 0.5)}
    assert not len(popular(batch, catalogue_of({}), limit=2))


def test_own_artists_offer_unplayed_items():
    batch = batch_of(pairs={(1, 10): {"decayed_60d": 8.0}, (1, 20): {"decayed_60d": 2.0}})
    catalogue = catalogue_of(
        {item: {} for item in (10, 11, 12, 20, 21)},
        artists={10: 1, 11: 1, 12: 1, 20: 2, 21: 2},
        best=[(1, 10, 9.0), (1, 11, 3.0), (1, 12, 3.0), (2, 21, 50.0), (2, 20, 1.0)],
    )
    proposed = own_artists(batch.pairs, catalogue, limit=5, artists_per_user=2)
    ranks = as_dict(proposed, batch, "rank")
    assert ranks == {(1, 11): (1,), (1, 12): (2,), (1, 21): (3,)}  # .8 ln 4 twice, then .2 ln 51
    np.testing.assert_allclose(proposed["score"], [0.8 * np.log(4)] * 2 + [0.2 * np.log(51)])
    only_best = own_artists(batch.pairs, catalogue, limit=5, artists_per_user=1)
    assert set(only_best.item.tolist()) == {11, 12}


def test_als_splits_played_and_unplayed_and_skips_listeners_without_factors():
    batch = batch_of(
        pairs={(1, 6): {}, (2, 6): {}, (3, 7): {}}, factors={1: [1.0, 0.0], 3: [0.0, 1.0]}
    )
    ids = np.array([6, 7, 9], np.int32)
    factors = np.array([[1, 1], [3, 0], [2, 5]], np.float32)
    familiar, unplayed = als(batch, ids, factors, length=2)
    assert as_dict(familiar, batch, "score", "rank") == {(1, 6): (1, 1), (3, 7): (0, 1)}
    assert as_dict(unplayed, batch, "score", "rank") == {
        (1, 7): (3, 1),
        (1, 9): (2, 2),
        (3, 9): (5, 1),
        (3, 6): (1, 2),
    }


def test_the_union_has_one_row_per_pair_with_every_source():
    union = union_of(
        {
            "own_history": proposal((0, 5, 2.0, 1)),
            "als": proposal((0, 7, 0.5, 1), (0, 6, 0.4, 2)),
            "popular": proposal((1, 6, 1.0, 3), (0, 6, 0.2, 5)),
        }
    )
    rows = as_dict(union, None, "own_history_rank", "als_score", "popular_rank")
    assert list(rows) == [(0, 5), (0, 6), (0, 7), (1, 6)]
    np.testing.assert_array_equal(
        list(rows.values()),
        [[1, np.nan, np.nan], [np.nan, 0.4, 5], [np.nan, 0.5, np.nan], [np.nan, np.nan, 3]],
    )
    assert are_repeats(union).tolist() == [True, False, False, False]
