"""The list explored: what is certain, what is drawn, and with which chance."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.ranking.explore import with_explored
from ritornello.settings.lists import ExplorationSettings
from ritornello.settings.loading import load_settings

NIGHT = datetime(2025, 1, 6, tzinfo=UTC)
SETTINGS = ExplorationSettings(slots=2, places=4, pool=8)
LISTENERS = 600


def ranked(spark, *, listeners=LISTENERS, length=12):
    """Items 101, 102, … in their order; those of odd number also stand in new, by a rank of its own."""
    rows = [
        (user, name, rank, 100 + item, 1.0 - item / 100)
        for user in range(listeners)
        for name, items in (("mixed", range(1, length + 1)), ("new", range(1, length + 1, 2)))
        for rank, item in enumerate(items, 1)
    ]
    return spark.createDataFrame(
        rows, "user_id int, list string, rank int, item_id int, score double"
    )


def explored(df) -> dict[int, list[tuple[int, int, float]]]:
    found = defaultdict(list)
    for row in df.where("list = 'explored'").orderBy("user_id", "rank").collect():
        found[row.user_id].append((row.rank, row.item_id, row.propensity))
    return found


def test_the_first_places_are_certain_and_the_last_are_drawn_from_the_pool(spark):
    lists = ranked(spark)
    told = with_explored(lists, as_of=NIGHT, settings=SETTINGS)
    found = explored(told)
    assert len(found) == LISTENERS
    drawn = Counter()
    for places in found.values():
        assert [rank for rank, _, _ in places] == [1, 2, 3, 4]
        assert places[:2] == [(1, 101, 1.0), (2, 102, 1.0)]
        assert {p for *_, p in places[2:]} == {2 / 6}
        items = [item for _, item, _ in places[2:]]
        assert items == sorted(set(items))  # none twice, the better one first
        drawn.update(items)
    assert set(drawn) == set(range(103, 109))
    mean = LISTENERS * 2 / 6
    assert all(abs(count - mean) < 4 * (mean * 4 / 6) ** 0.5 for count in drawn.values())
    others = told.where("list <> 'explored'")
    assert others.where("propensity IS NOT NULL").isEmpty()
    assert others.drop("propensity").exceptAll(lists.select(*others.columns[:-1])).isEmpty()
    assert others.count() == lists.count()


def test_a_night_draws_the_same_again_and_the_next_night_something_else(spark):
    lists = ranked(spark, listeners=40)
    nights = [NIGHT, NIGHT, NIGHT + timedelta(days=1)]
    one, again, other = (explored(with_explored(lists, as_of=n, settings=SETTINGS)) for n in nights)
    assert one == again != other


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (5, [1.0, 1.0, 2 / 3, 2 / 3]),  # three items for the two places
        (4, [1.0] * 4),
        (1, [1.0]),
    ],
)
def test_a_short_list_is_shown_as_far_as_it_goes(spark, length, expected):
    found = explored(
        with_explored(ranked(spark, listeners=3, length=length), as_of=NIGHT, settings=SETTINGS)
    )
    assert [p for *_, p in found[0]] == pytest.approx(expected)
    if length < 5:
        assert [item for _, item, _ in found[0]] == [100 + n for n in range(1, length + 1)]


def test_without_slots_nothing_is_drawn(spark):
    told = with_explored(ranked(spark, listeners=2), as_of=NIGHT, settings=ExplorationSettings())
    assert told.where("list = 'explored' OR propensity IS NOT NULL").isEmpty()
    assert told.select(F.col("propensity")).dtypes == [("propensity", "double")]


def test_a_draw_needs_more_items_than_places():
    with pytest.raises(UsageError, match="pool must be larger"):
        load_settings([], ["exploration.slots=5", "exploration.pool=20"])
    with pytest.raises(UsageError, match=r"not exceed outcomes\.depth"):
        load_settings([], ["exploration.slots=5", "exploration.places=21"])
    with pytest.raises(UsageError, match="smaller than ranker_every_days"):
        load_settings([], ["night.shadow_nights=7"])
