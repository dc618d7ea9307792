"""B1.3: the iterated minimum, the random split of pairs, and the split in time."""

from datetime import UTC, datetime

from ritornello.artists.split import at_least, of_known, random_parts, temporal_parts

PAIRS = "user_id int, item_id int, plays long"


def test_b1_3_the_minimum_is_iterated_until_all_have_it(spark):
    pairs = spark.createDataFrame(
        [
            # user item plays
            (1, 10, 1),
            (1, 11, 1),
            (2, 10, 1),
            (2, 11, 1),
            (3, 11, 1),
            (3, 12, 1),  # 12 has one listener; without it 3 has one artist, and goes too
        ],
        PAIRS,
    )
    kept = {(row.user_id, row.item_id) for row in at_least(pairs, minimum=2).collect()}
    assert kept == {(1, 10), (1, 11), (2, 10), (2, 11)}


def test_b1_3_parts_are_drawn_by_pair_and_seed_and_by_nothing_else(spark):
    pairs = spark.range(20_000).selectExpr("cast(id % 200 as int) user_id",
                                           "cast(id / 200 as int) item_id", "id plays")  # fmt: skip
    one = random_parts(pairs, val=0.1, test=0.1, seed=42)
    again = random_parts(pairs.repartition(7).limit(15_000), val=0.1, test=0.1, seed=42)
    assert again.join(one, ["user_id", "item_id", "part"], "left_anti").count() == 0
    shares = {row.part: row["count"] / 20_000 for row in one.groupBy("part").count().collect()}
    assert abs(shares["val"] - 0.1) < 0.01
    assert abs(shares["test"] - 0.1) < 0.01
    other = random_parts(pairs, val=0.1, test=0.1, seed=43)
    assert other.join(one, ["user_id", "item_id", "part"], "left_anti").count() > 4_000


def test_the_split_in_time_goes_by_the_first_play_and_counts_no_later_one(spark):
    day = lambda n: datetime(2025, 1, n, tzinfo=UTC)  # noqa: E731
    plays = spark.createDataFrame(
        [
            (1, 10, day(1)),
            (1, 10, day(2)),
            (1, 10, day(25)),  # known: later plays neither count nor are they a test
            (1, 11, day(11)),
            (1, 11, day(30)),  # found in validation: its test play does not count
            (1, 12, day(20)),  # at the border: test
            (2, 10, day(21)),  # no training pair: cannot be judged
        ],
        "user_id int, item_id int, played_at timestamp",
    )
    split = temporal_parts(plays, val=day(10), test=day(20))
    found = {(r.user_id, r.item_id, r.plays, r.part) for r in of_known(split).collect()}
    assert found == {(1, 10, 2, "train"), (1, 11, 1, "val"), (1, 12, 1, "test")}
