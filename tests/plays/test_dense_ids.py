from datetime import UTC, datetime

import pytest
from chispa import assert_df_equality

from ritornello.errors import BadInputError
from ritornello.plays.dense_ids import with_dense_ids
from ritornello.plays.tracks import by_first_play

MAY = datetime(2024, 5, 1, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, tzinfo=UTC)


def test_ids_follow_the_first_play_then_the_source_id_and_the_unplayed_come_last(spark):
    expected = spark.createDataFrame(
        [(9, MAY, 100), (3, JUNE, 101), (4, JUNE, 102), (1, None, 103), (2, None, 104)],
        "track_index bigint, first_played_at timestamp, track_id int",
    )
    actual = expected.drop("track_id").transform(
        with_dense_ids,
        id_column="track_id",
        order_by=by_first_play("track_index"),
        first_id=100,
    )
    assert_df_equality(actual, expected, ignore_nullable=True, ignore_row_order=True)


def test_ids_are_dense_over_many_partitions_and_any_arrival_order(spark):
    arrived = spark.range(0, 5000, numPartitions=7).selectExpr("(id * 7919) % 5000 AS source")
    spark.conf.set("spark.sql.shuffle.partitions", "5")
    try:
        given = with_dense_ids(
            arrived, id_column="id", order_by=[arrived["source"].asc()], first_id=0
        )
        assert given.rdd.getNumPartitions() == 5
        assert given.where("id <> source").isEmpty()
        assert given.count() == 5000
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", "2")


def test_nothing_new_gets_no_id_and_too_many_are_refused(spark):
    some = spark.range(2).withColumnRenamed("id", "source")
    order = {"id_column": "id", "order_by": [some["source"].asc()]}
    assert with_dense_ids(some.where("false"), first_id=5, **order).isEmpty()
    with pytest.raises(BadInputError, match="exceed"):
        with_dense_ids(some, first_id=2**31 - 2 + 1, **order)
