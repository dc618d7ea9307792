"""The catalogue on the executors: what it knows of items, and what it leaves blank."""

from datetime import UTC, datetime

import numpy as np
import pytest

from night.zeros import zeros
from ritornello.shelves.catalogue import NO_ARTIST, ship_catalogue
from ritornello.tables.contracts import contracts

FIRST = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Tables:
    contracts = contracts()


@pytest.fixture(scope="module")
def items(spark):
    rows = [(12, 5.0, 1.0, FIRST), (10, 5.0, 3.0, FIRST), (11, 9.0, 2.0, FIRST)]
    return zeros(
        spark, Tables, "item_stats", rows,
        item_id="int", decayed_30d="double", decayed_60d="double", first_played_at="timestamp",
    )  # fmt: skip


def only(spark, *ids: int):
    return spark.createDataFrame([(i,) for i in ids], "item_id int")


def test_columns_are_aligned_and_ascending_by_item(spark, items):
    shipped = ship_catalogue(
        items,
        artists=spark.createDataFrame([(10, 30), (12, 30), (11, 31)], "item_id int, artist_id int"),
        barred=only(spark, 11),
        explicit=only(spark, 12, 99),
        skips=spark.createDataFrame([(12, 4)], "item_id int, skips long"),
        depth=2,
        per_artist=1,
    )
    catalogue = shipped.load()
    assert catalogue.ids.tolist() == [10, 11, 12]
    assert catalogue.artist.tolist() == [30, 31, 30]
    assert catalogue.is_barred.tolist() == [False, True, False]
    assert catalogue.is_explicit.tolist() == [False, False, True]
    assert catalogue.column("skips").tolist() == [0, 0, 4]
    assert catalogue.column("first_played_at").tolist() == [FIRST.timestamp() * 1e6] * 3
    assert catalogue.popular.tolist() == [11, 10]  # of equal items the smaller id
    best = zip(catalogue.best_artist, catalogue.best_item, catalogue.best_weight, strict=True)
    assert list(best) == [(30, 10, 3.0), (31, 11, 2.0)]
    assert catalogue.artists_of(np.array([12, 5, 11], np.int32)).tolist() == [30, NO_ARTIST, 31]


def test_what_nobody_knows_is_blank(spark, items):
    catalogue = ship_catalogue(items, artists=None, depth=9, per_artist=1).load()
    assert catalogue.artist.tolist() == [NO_ARTIST] * 3
    assert not catalogue.is_barred.any()
    assert not catalogue.is_explicit.any()
    assert len(catalogue.best_item) == 0
    nothing = ship_catalogue(items.where("false"), artists=None, depth=9, per_artist=1).load()
    assert len(nothing.ids) == len(nothing.popular) == 0
    assert nothing.places(np.array([3], np.int32))[1].tolist() == [False]
