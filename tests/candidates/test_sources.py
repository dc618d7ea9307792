from chispa import assert_df_equality

from ritornello.candidates.sources import als, own_artists, own_history, popular, popular_items
from ritornello.candidates.union import union_of

PROPOSED = "user_id int, item_id int, source string, score double, rank int"


def test_own_history_keeps_the_best_and_breaks_ties_by_item(spark):
    judged = spark.createDataFrame(
        [
            # user item  30d  365d  rank
            (1, 10, 3.0, 0.0, 1),
            (1, 12, 0.0, 10.0, 3),  # equal to 11 through the year: the larger id
            (1, 11, 1.0, 0.0, 2),
            (1, 13, 0.5, 0.0, 0),  # cut off
            (2, 13, 0.1, 0.0, 1),  # another listener has their own ranks
        ],
        "user_id int, item_id int, decayed_30d double, decayed_365d double, kept int",
    )
    actual = judged.drop("kept").transform(own_history, limit=3)
    expected = judged.where("kept > 0").select("user_id", "item_id", "kept")
    assert_df_equality(
        actual.select("user_id", "item_id", "rank"),
        expected.withColumnRenamed("kept", "rank"),
        ignore_row_order=True,
        ignore_nullable=True,
    )


def test_popular_leaves_played_items_out_and_keeps_the_order(spark):
    items = spark.createDataFrame(
        [(1, 9.0), (2, 5.0), (3, 5.0), (4, 1.0)], "item_id int, decayed_30d double"
    )
    pairs = spark.createDataFrame([(1, 1), (1, 4), (2, 3)], "user_id int, item_id int")
    assert popular_items(items, by="decayed_30d", depth=3).first().popular == [1, 2, 3]
    found = popular(pairs, items, limit=2, depth=4).collect()
    assert {(r.user_id, r.rank): r.item_id for r in found} == {
        (1, 1): 2,
        (1, 2): 3,
        (2, 1): 1,
        (2, 2): 2,
    }


def test_own_artists_offer_unplayed_items_that_somebody_played(spark):
    pairs = spark.createDataFrame(
        [(1, 10, 8.0), (1, 20, 2.0)], "user_id int, item_id int, decayed_60d double"
    )
    # 13 is of artist 1, but nobody has played it: it is not in the catalogue as of the instant
    items = spark.createDataFrame(
        [(10, 9.0), (11, 3.0), (12, 3.0), (20, 1.0), (21, 50.0)], "item_id int, decayed_60d double"
    )
    artists = spark.createDataFrame(
        [(10, 1), (11, 1), (12, 1), (13, 1), (20, 2), (21, 2)], "item_id int, artist_id int"
    )
    found = own_artists(
        pairs, items, artists, limit=5, artists_per_user=2, items_per_artist=3
    ).collect()
    assert [(r.item_id, r.rank) for r in sorted(found, key=lambda r: r.rank)] == [
        (11, 1),  # 0.8 ln 4: ties with 12, smaller id
        (12, 2),
        (21, 3),  # 0.2 ln 51
    ]
    only_best = own_artists(pairs, items, artists, limit=5, artists_per_user=1, items_per_artist=3)
    assert {r.item_id for r in only_best.collect()} == {11, 12}


def test_als_keeps_order_and_scores(spark):
    lists = spark.createDataFrame(
        [(1, [7, 5], [0.5, 0.25])], "user_id int, new_items array<int>, new_scores array<float>"
    )
    expected = spark.createDataFrame([(1, 7, "als", 0.5, 1), (1, 5, "als", 0.25, 2)], PROPOSED)
    assert_df_equality(als(lists), expected, ignore_nullable=True, ignore_row_order=True)


def test_the_union_has_one_row_per_pair_with_every_source(spark):
    first = spark.createDataFrame([(1, 5, "own_history", 2.0, 1)], PROPOSED)
    second = spark.createDataFrame([(1, 6, "als", 0.5, 1), (1, 7, "als", 0.4, 2)], PROPOSED)
    third = spark.createDataFrame([(1, 6, "popular", 1.0, 3)], PROPOSED)
    rows = {r.item_id: r for r in union_of([first, second, third]).collect()}
    assert set(rows) == {5, 6, 7}
    assert (rows[5].is_repeat, rows[5].own_history_rank, rows[5].als_rank) == (True, 1, None)
    assert (rows[6].is_repeat, rows[6].als_score, rows[6].popular_rank) == (False, 0.5, 3)
