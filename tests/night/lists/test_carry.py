"""What a short night carries over: lists as they were ranked, less what has become ineligible."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from night.zeros import LIMITS, NO_LIMITS, zeros
from ritornello.job import Context
from ritornello.night.lists.carry import carried_als_lists, carried_lists
from ritornello.night.state.base import Base
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

MONDAY = datetime(2024, 5, 6, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
BASE = Base(MONDAY, 1)
PLACES = (
    "user_id int, source_user_id string, list string, rank int, track_id int, "
    "source_track_id string, score double, source string, last_played_at timestamp, "
    "propensity double"
)
LISTS = {"mixed": [7, 5, 9, 4], "repeats": [7, 9], "new": [5, 4]}
DUE, CARRIED, TOUCHED, GONE = 0, 1, 2, 3


def settings_of(warehouse, *overrides):
    return load_settings([], [f"warehouse={warehouse}", *overrides])


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory) -> Context:
    settings = settings_of(tmp_path_factory.mktemp("warehouse"))
    context = Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))
    store = context.store
    lists = dict.fromkeys((DUE, CARRIED, GONE), LISTS)
    lists[TOUCHED] = {"mixed": [7, 6, 9, 8, 4], "repeats": [7], "new": [6, 8]}  # 6 and 8 have gone
    places = [
        (user, str(user), name, rank, item, str(item), 1.0 / rank, "als", None, None)
        for user, by_list in lists.items()
        for name, items in by_list.items()
        for rank, item in enumerate(items, 1)
    ]
    places.append((CARRIED, str(CARRIED), "explored", 1, 4, "4", 0.1, "als", None, 0.5))
    store.replace("recommendations", spark.createDataFrame(places, PLACES), as_of=MONDAY)
    als = [(user, [7, 6], [0.9, 0.8], [6, 5], [0.7, 0.6]) for user in (DUE, CARRIED, TOUCHED, GONE)]
    schema = (
        "user_id int, repeat_items array<int>, repeat_scores array<float>, "
        "new_items array<int>, new_scores array<float>"
    )
    store.replace("als_lists", spark.createDataFrame(als, schema), as_of=MONDAY)
    for day, users, items in (
        (MONDAY, (DUE, CARRIED, TOUCHED, GONE), range(4, 10)),
        (TUESDAY, (DUE, CARRIED, TOUCHED), (4, 5, 7, 9)),
    ):
        rows = zeros(spark, store, "user_profile", [(u,) for u in users], user_id="int")
        store.replace("user_profile", rows, as_of=day)
        rows = zeros(spark, store, "item_stats", [(i,) for i in items], item_id="int")
        store.replace("item_stats", rows, as_of=day)
    tracks = [(item, str(item), *NO_LIMITS) for item in range(4, 10)]
    known = {"track_id": "int", "source_track_id": "string", **LIMITS}
    store.replace("tracks", zeros(spark, store, "tracks", tracks, **known))
    store.replace("artists", zeros(spark, store, "artists", [(1,)], artist_id="int"))
    users = zeros(spark, store, "users", [(2, "2")], user_id="int", source_user_id="string")
    store.replace("users", users)
    return context


@pytest.fixture
def due(spark):
    return spark.createDataFrame([(DUE,)], "user_id int")


def by_list(rows) -> dict:
    lists: dict = {}
    for row in rows.orderBy("user_id", "list", "rank").collect():
        assert row.rank == len(lists.setdefault((row.user_id, row.list), [])) + 1
        lists[row.user_id, row.list].append(row.track_id)
    return lists


def test_what_has_gone_leaves_the_lists_and_their_places_close_up(context, due):
    carried = by_list(carried_lists(context, BASE, due, as_of=TUESDAY))
    assert carried == {
        **{(CARRIED, name): items for name, items in LISTS.items()},
        (TOUCHED, "mixed"): [7, 9, 4],
        (TOUCHED, "repeats"): [7],
    }  # listener 3 has no play left, listener 0 is ranked tonight, no places are drawn any more


def test_what_is_barred_since_leaves_carried_lists(context, due):
    schema = "source_user_id string, what string, source_id string, since timestamp"
    rules = [("", "track", "5", MONDAY), ("2", "track", "9", MONDAY)]
    context.store.replace("bars", context.spark.createDataFrame(rules, schema))
    try:
        carried = by_list(carried_lists(context, BASE, due, as_of=TUESDAY))
    finally:
        context.store.replace("bars", context.spark.createDataFrame([], schema))
    assert carried == {
        (CARRIED, "mixed"): [7, 9, 4],
        (CARRIED, "repeats"): [7, 9],
        (CARRIED, "new"): [4],
        (TOUCHED, "mixed"): [7, 4],
        (TOUCHED, "repeats"): [7],
    }


def test_places_drawn_by_chance_are_drawn_again(context, due):
    drawing = settings_of(
        context.store.warehouse,
        *("exploration.slots=1", "exploration.places=2", "exploration.pool=4"),
    )
    exploring = Context(context.spark, context.store, drawing, context.console)
    rows = carried_lists(exploring, BASE, due, as_of=TUESDAY)
    drawn = {
        r.user_id: r.propensity for r in rows.where("list = 'explored' AND rank = 2").collect()
    }
    assert drawn == {CARRIED: pytest.approx(1 / 3), TOUCHED: pytest.approx(1 / 2)}
    one, other = (
        by_list(carried_lists(exploring, BASE, due, as_of=day)) for day in (TUESDAY, TUESDAY)
    )
    assert one == other  # the same night draws the same


def test_als_lists_lose_the_same(context, due):
    rows = carried_als_lists(context, BASE, due, as_of=TUESDAY).orderBy("user_id").collect()
    assert [(row.user_id, row.repeat_items, row.new_items) for row in rows] == [
        (CARRIED, [7], [5]),
        (TOUCHED, [7], [5]),
    ]
    assert rows[0].repeat_scores == pytest.approx([0.9])
    assert rows[0].new_scores == pytest.approx([0.6])
