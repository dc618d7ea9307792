"""A sorted stream becomes batches of whole listeners, however it is cut."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from ritornello.shelves.batch import (
    NO_ITEM,
    Part,
    batches_of,
    list_rows,
    part_rows,
    stream,
    whole_listeners,
)
from shelved import as_dict, stream_of

LAYOUT = {
    Part.PROFILE: ("plays", "age"),
    Part.PAIR: ("plays",),
    Part.EVENT: ("weight", "at"),
    Part.FAMILIAR: (),
}
ROWS = [
    (3, Part.PROFILE, NO_ITEM, [2.0, 7.0, 0.5, 0.25]),
    (3, Part.PAIR, 11, [1.0]),
    (3, Part.PAIR, 10, [4.0]),
    (3, Part.FAMILIAR, NO_ITEM, [10.0, 11.0, 0.5, 0.25]),
    (4, Part.PAIR, 10, [3.0]),  # without a profile
    (5, Part.PROFILE, NO_ITEM, [9.0, 0.0, float("nan"), float("nan")]),
    (5, Part.PAIR, 10, [9.0]),
    (5, Part.EVENT, 10, [-1.0, 8.0]),
    (9, Part.PROFILE, NO_ITEM, [6.0, float("nan"), float("nan"), float("nan")]),
]


def test_a_batch_holds_every_part_by_name():
    (batch,) = batches_of([stream_of(ROWS)], LAYOUT, rank=2)
    assert batch.users.tolist() == [3, 5, 9]
    np.testing.assert_array_equal(batch.profile["plays"], [2, 9, 6])
    np.testing.assert_array_equal(batch.factors, [[0.5, 0.25], [np.nan] * 2, [np.nan] * 2])
    assert as_dict(batch.pairs, batch, "plays") == {(3, 10): (4,), (3, 11): (1,), (5, 10): (9,)}
    assert as_dict(batch.rows[Part.EVENT], batch, "weight", "at") == {(5, 10): (-1, 8)}
    owner, (items, scores) = batch.lists[Part.FAMILIAR].columns(2)
    assert (owner.tolist(), items.tolist(), scores.tolist()) == ([0, 0], [10, 11], [0.5, 0.25])


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("rows", [1, 3, 50])
def test_no_listener_is_cut_in_two(size, rows):
    whole = stream_of(ROWS)
    cut = [whole.slice(start, size) for start in range(0, len(whole), size)]
    tables = list(whole_listeners([whole.slice(0, 0), *cut], rows=rows))
    assert str(pa.concat_tables(tables).to_pylist()) == str(whole.to_pylist())
    seen = [set(table.column("user_id").to_pylist()) for table in tables]
    assert sum(map(len, seen)) == 4
    assert (len(tables) > 1) == (rows < 50)


def test_nothing_gives_no_batch():
    assert list(batches_of([], LAYOUT, rank=2)) == []
    assert list(batches_of([stream_of([])], LAYOUT, rank=2)) == []


def test_spark_sorts_the_parts_of_a_listener_together(spark):
    pairs = spark.createDataFrame(
        [(2, 10, 3, "2024-05-01 00:00:01"), (2, 9, None, None), (1, 10, 1, None)],
        "user_id int, item_id int, plays long, at string",
    ).withColumn("at", F.to_timestamp("at"))
    users = spark.createDataFrame([(2, [0.5]), (1, None)], "user_id int, factors array<float>")
    lists = spark.createDataFrame(
        [(2, [10, 9], [0.5, None])], "user_id int, i array<int>, s array<float>"
    )
    rows = stream(
        [
            list_rows(lists, Part.FAMILIAR, ("i", "s")),
            part_rows(pairs, Part.PAIR, ("plays", "at")),
            part_rows(users, Part.PROFILE, (), F.coalesce("factors", F.array(F.lit(None)))),
        ]
    )
    collected = [tuple(row) for row in rows.collect()]
    assert {user: [row[1:] for row in collected if row[0] == user] for user in (1, 2)} == {
        1: [(Part.PROFILE, NO_ITEM, [None]), (Part.PAIR, 10, [1.0, None])],
        2: [
            (Part.PROFILE, NO_ITEM, [0.5]),
            (Part.PAIR, 9, [None, None]),
            (Part.PAIR, 10, [3.0, 1714521601e6]),
            (Part.FAMILIAR, NO_ITEM, [10.0, 9.0, 0.5, None]),
        ],
    }
