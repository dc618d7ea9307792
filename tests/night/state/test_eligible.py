"""What may be served: one rule, and every door keeps to it."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from bars import FACTS
from night.zeros import LIMITS, zeros
from ritornello.job import Context
from ritornello.night.publication.bar import Bar, bar, bars, lift
from ritornello.night.publication.publish import rollback
from ritornello.night.publication.served import lists_of, serve, served_night
from ritornello.night.state.eligible import eligible
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

NIGHT = datetime(2025, 1, 6, tzinfo=UTC)
USERS = [(0, "7"), (1, "8")]
ARTIST = {20: 30, 21: 31, 22: 30}
PLACES = (
    "user_id int, source_user_id string, list string, rank int, track_id int, "
    "source_track_id string, score double, source string, last_played_at timestamp, "
    "propensity double"
)


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory) -> Context:
    settings = load_settings([], [f"warehouse={tmp_path_factory.mktemp('warehouse')}"])
    context = Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))
    store = context.store
    store.replace(
        "users", zeros(spark, store, "users", USERS, user_id="int", source_user_id="string")
    )
    artists = [(30, "a30"), (31, "a31")]
    named = zeros(spark, store, "artists", artists, artist_id="int", source_artist_id="string")
    store.replace("artists", named)
    rows = [
        (track, str(1000 + track), ARTIST[track], *of_track, None)
        for track, of_track in FACTS.items()
    ]
    known = {"track_id": "int", "source_track_id": "string", "artist_id": "int"}
    known |= {**LIMITS, "recording_key": "string"}
    store.replace("tracks", zeros(spark, store, "tracks", rows, **known))
    plays = [(0, 20, 1), (0, 21, 1), (0, 22, 1), (1, 20, 1), (1, 21, -2)]
    played = zeros(spark, store, "plays", plays, user_id="int", track_id="int", weight="int")
    store.replace("plays", played)
    return context


def forbid(context, rules) -> None:
    schema = "source_user_id string, what string, source_id string, since timestamp"
    rows = [(*rule, NIGHT) for rule in rules]
    context.store.replace("bars", context.spark.createDataFrame(rows, schema))


def pairs(context, users=(0,)):
    rows = [(user, track, "kept") for user in users for track in ARTIST]
    return context.spark.createDataFrame(rows, "user_id int, item_id int, more string")


def test_a_day_to_train_on_knows_only_the_bars_of_its_time_and_dislikes_count(context):
    forbid(context, [("", "track", "1020")])
    for day, left in ((NIGHT, [20, 22]), (NIGHT + timedelta(days=1), [22])):
        rows = eligible(context, pairs(context, users=[1]), NIGHT, bars_before=day)
        assert sorted(row.item_id for row in rows.collect()) == left  # 8 dislikes 21


def test_artists_are_barred_too(context):
    forbid(context, [("8", "artist", "a30"), ("", "track", "1021")])
    rows = [(user, artist) for user in (0, 1) for artist in (30, 31)]
    frame = context.spark.createDataFrame(rows, "user_id int, item_id int")
    left = eligible(context, frame, NIGHT, kind="artist").collect()
    assert sorted(map(tuple, (row.asDict().values() for row in left))) == [
        (0, 30),
        (0, 31),
        (1, 31),
    ]


def stage(context) -> None:
    """A served night whose lists hold all tracks, with playlists of it, and nothing barred."""
    spark, store = context.spark, context.store
    forbid(context, [])
    rows = [
        (user, key, "mixed", nth, track, str(1000 + track), 1.0 / nth, "als", None, None)
        for user, key in USERS
        for nth, track in enumerate(ARTIST, 1)
    ]
    store.replace("recommendations", spark.createDataFrame(rows, PLACES), as_of=NIGHT)
    known = {"user_id": "int", "moment": "string", "rank": "int", "track_id": "int"}
    for table, columns in (
        ("playlists", known),
        ("cand_tracks", {"user_id": "int", "track_id": "int"}),
    ):
        values = {"user_id": 0, "moment": 1, "rank": 2, "track_id": 3}
        lists = [
            tuple((user, "walk", nth, track)[values[name]] for name in columns)
            for user, _ in USERS
            for nth, track in enumerate(ARTIST, 1)
        ]
        store.replace(table, zeros(spark, store, table, lists, **columns), as_of=NIGHT)
    serve(
        context, as_of=NIGHT, version=store.version("recommendations"), listeners=2,
        action="publish", versions={},
    )  # fmt: skip


def places(context, table, of=("user_id", "rank", "track_id")):
    return sorted(map(tuple, context.store.read(table, as_of=NIGHT).select(*of).collect()))


def test_a_take_down_counts_at_once_in_all_that_is_served(context):
    stage(context)
    sentence = bar(context, Bar("track", "1020"))
    assert (
        sentence == "track 1020 for everybody is barred; 4 places were taken out of what is served"
    )
    both = [(user, rank, track) for user in (0, 1) for rank, track in ((1, 21), (2, 22))]
    assert places(context, "recommendations") == places(context, "playlists") == both
    left = places(context, "cand_tracks", ("user_id", "track_id"))
    assert left == [(user, track) for user in (0, 1) for track in (21, 22)]
    now = served_night(context.store)
    assert (now.action, now.as_of, now.listeners) == ("bar", NIGHT, 2)
    assert lists_of(context.store, NIGHT, version=now.version).count() == 4
    assert "; 0 places" in bar(context, Bar("track", "1020"))
    assert context.store.read("bars").count() == 1


def test_a_rollback_serves_nothing_that_was_barred_since(context):
    stage(context)
    store, later = context.store, NIGHT + timedelta(days=1)
    rows = store.read("recommendations", as_of=NIGHT).drop("as_of").localCheckpoint()
    store.replace("recommendations", rows, as_of=later)
    version = store.version("recommendations")
    serve(context, as_of=later, version=version, listeners=2, action="publish", versions={})
    bar(context, Bar("track", "1020"))
    assert len(places(context, "recommendations")) == 6  # the night before keeps its places
    assert rollback(context).endswith("served again, less 2 places that were barred since")
    both = [(user, rank, track) for user in (0, 1) for rank, track in ((1, 21), (2, 22))]
    now = served_night(store)
    assert (now.as_of, now.action) == (NIGHT, "bar")
    served = lists_of(store, NIGHT, version=now.version).select("user_id", "rank", "item_id")
    assert sorted(map(tuple, served.collect())) == both
    assert rollback(context).startswith("nothing to do")


@pytest.mark.long
def test_a_bar_of_one_listener_is_listed_and_lifted(context):
    stage(context)
    rule = Bar("artist", "a30", "8")
    assert "; 4 places" in bar(context, rule)
    assert places(context, "recommendations") == [(0, 1, 20), (0, 2, 21), (0, 3, 22), (1, 1, 21)]
    assert bars(context) == "rules in force: 1"
    assert lift(context, rule).startswith("artist a30 for 8 is barred no more")
    assert lift(context, rule).startswith("nothing to do")
    assert eligible(context, pairs(context), NIGHT).count() == 3
