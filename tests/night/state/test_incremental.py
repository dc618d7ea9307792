"""Small random histories that arrive in any order are, as of any day, what a rebuild makes of them."""

import io
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from pyspark.sql import functions as F
from rich.console import Console

from features.equality import assert_same_rows
from plays.stored import received
from ritornello.as_of import before
from ritornello.features.items import item_stats
from ritornello.features.profile import user_profile
from ritornello.features.states import PAIR, month_states, pair_state
from ritornello.features.steps import STEP, transition_months
from ritornello.features.transitions import transition_sums, transitions
from ritornello.instants import next_month
from ritornello.intake.changes import ADDED, REMOVED, note_changes, reopen
from ritornello.job import Context
from ritornello.night.state.base import base_of_sums
from ritornello.night.state.bring_forward import bring_forward
from ritornello.night.state.build_transitions import build_transitions, months_due, transition_rows
from ritornello.night.state.months import reopened_slices
from ritornello.night.state.pairs import pairs_as_of
from ritornello.night.state.unite import count_as
from ritornello.settings.settings import Settings
from ritornello.tables.slices import Slice, utc_of
from ritornello.tables.store import Store

START = datetime(2024, 1, 10, tzinfo=UTC)
FEBRUARY, MARCH_25, APRIL, LAST = (
    datetime(2024, month, day, tzinfo=UTC) for month, day in ((2, 1), (3, 25), (4, 1), (4, 2))
)
LATE = (2, 3)  # listeners whose phones were offline since January
SETTINGS = {"features": {"user_buckets": 3, "rhythm_days": 30, "history_length": 40}}


@pytest.fixture(scope="module")
def everything(spark):
    """Nine listeners, twelve tracks, 900 plays at distinct seconds over three months; some skips."""
    draw = np.random.default_rng(5)
    seconds = draw.choice(90 * 86_400, 900, replace=False)
    rows = [
        (int(u), int(t), START + timedelta(seconds=int(s)), -1 if u + t + s % 9 == 0 else 1)
        for u, t, s in zip(*draw.integers([[0], [0]], [[9], [12]], (2, 900)), seconds, strict=True)
    ]
    plays = spark.createDataFrame(
        rows, "user_id int, track_id int, played_at timestamp, weight int"
    )
    return plays.withColumn("month", F.trunc(F.to_date("played_at"), "month")).cache()


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory):
    place = str(tmp_path_factory.mktemp("nights"))
    made = Context(
        spark,
        Store(spark, place),
        Settings(warehouse=place, **SETTINGS),
        Console(file=io.StringIO()),
    )
    nothing = [column.name for column in made.store.contracts["tracks"].columns]
    types = {
        column.name: column.type.split(" or ")[0]
        for column in made.store.contracts["tracks"].columns
    }
    empty = ", ".join(f"CAST(NULL AS {types[name]}) AS {name}" for name in nothing)
    made.store.replace("tracks", spark.sql(f"SELECT {empty} WHERE false"))
    return made


def deliver(context, plays):
    version = context.store.append("plays", received(plays)).version
    note_changes(context.store, {ADDED: plays}, version=version)


def check(context, as_of, plays):
    """Every derived table as of the day equals what the plays make of it from nothing."""
    store, settings = context.store, context.settings.features
    known = before(plays.withColumnRenamed("track_id", "item_id").where("weight > 0"), as_of)
    pairs = pair_state(known, valued_at=as_of).cache()
    expected = month_states(before(known, APRIL)).withColumn("as_of", F.col("valued_at"))
    stored = store.read("pair_checkpoints").where(F.col("as_of") <= F.lit(APRIL))
    assert_same_rows(stored, expected, ["as_of", *PAIR])
    assert_same_rows(pairs_as_of(context, as_of), pairs, PAIR)
    assert_same_rows(store.read("item_stats", as_of=as_of), item_stats(pairs), ["item_id"])
    profile = user_profile(pairs, known, as_of=as_of, rhythm_days=settings.rhythm_days)
    assert_same_rows(store.read("user_profile", as_of=as_of), profile, ["user_id"])
    build_transitions(context, last=as_of)
    assert_same_rows(transition_rows(context, as_of), transitions_anew(known, as_of), [*STEP])


def transitions_anew(known, as_of):
    """From all plays at once; the unfinished month ends, as yet, at as_of."""
    months = transition_months(known).withColumn("as_of", F.least("as_of", F.lit(as_of)))
    sums = transition_sums(months, valued_at=as_of, half_life_days=365.0)
    return transitions(sums).drop("rank")


def test_nights_late_plays_and_plays_of_tomorrow_are_a_rebuild(context, everything):
    store = context.store
    offline = F.col("user_id").isin(*LATE) & (F.col("month") == "2024-01-01")
    late = everything.where(offline & (F.col("track_id") % 2 == 0))
    on_time = everything.exceptAll(late)
    deliver(context, before(on_time, MARCH_25))
    bring_forward(context, MARCH_25)  # from nothing

    # the days after in one delivery, with days of April that are not due yet
    deliver(context, on_time.where(F.col("played_at") >= F.lit(MARCH_25)))
    assert base_of_sums(context, APRIL).as_of == MARCH_25
    bring_forward(context, APRIL)
    check(context, APRIL, on_time)

    # what was late since January re-opens that month of its listeners' buckets
    deliver(context, late)
    assert reopened_slices(context, APRIL) == {FEBRUARY: {user % 3 for user in LATE}}
    assert months_due(context, APRIL) == {FEBRUARY, datetime(2024, 3, 1, tzinfo=UTC)}
    untouched = {
        file.path
        for file in store.files(Slice("pair_checkpoints"))
        if file.partition["user_bucket"] == "1" or utc_of(file.partition["as_of"]) > FEBRUARY
    }
    assert base_of_sums(context, LAST).as_of == APRIL
    bring_forward(context, LAST)
    check(context, LAST, everything)
    assert untouched
    assert untouched < {file.path for file in store.files(Slice("pair_checkpoints"))}

    # a day of the past needs no slice: it speaks of what is known of it by now
    past = datetime(2024, 2, 14, 15, 54, tzinfo=UTC)
    known = before(everything.withColumnRenamed("track_id", "item_id").where("weight > 0"), past)
    one = known.where("user_id = 3")
    actual = pairs_as_of(context, past, of=lambda rows: rows.where("user_id = 3"))
    assert_same_rows(actual, pair_state(one, valued_at=past), PAIR)


def test_what_is_taken_back_is_counted_no_more(context, everything):
    """Runs after the nights: plays of March leave the table, and so all that was made of them."""
    store = context.store
    day = datetime(2024, 4, 5, tzinfo=UTC)
    gone = everything.where("month = '2024-03-01' and user_id = 4")
    rest = everything.where("month = '2024-03-01' and user_id <> 4")
    version = store.replace("plays", received(rest), month=date(2024, 3, 1)).version
    note_changes(store, {REMOVED: gone}, version=version)
    assert reopened_slices(context, APRIL) == {APRIL: {1}}
    assert base_of_sums(context, day) is None
    bring_forward(context, day)
    check(context, day, everything.exceptAll(gone))


def test_a_correction_of_tracks_reopens_the_months_of_who_played_them(context, everything):
    played = everything.where("track_id = 5 and not (month = '2024-03-01' and user_id = 4)")
    expected = {
        (next_month(datetime(row.month.year, row.month.month, 1, tzinfo=UTC)), row.user_id % 3)
        for row in played.where("month < '2024-04-01'").collect()
    }
    reopen(context.store, played.select("track_id").distinct())
    found = reopened_slices(context, APRIL)
    assert {(month, bucket) for month, buckets in found.items() for bucket in buckets} == expected
    assert base_of_sums(context, datetime(2024, 4, 9, tzinfo=UTC)) is None


def counted_as(plays, leaders):
    """The plays, each of the track that it counts as."""
    if not leaders:
        return plays
    leader = F.create_map(*map(F.lit, sum(leaders.items(), ())))[F.col("track_id")]
    return plays.withColumn("track_id", F.coalesce(leader, "track_id"))


@pytest.mark.parametrize(("day", "leaders"), [(11, {5: 3, 7: 3}), (12, {5: 3, 7: 6}), (13, {})])
def test_tracks_that_are_united_or_parted_are_counted_again(context, everything, day, leaders):
    """Runs after the nights: the sums of every night are what a rebuild by its leaders makes."""
    plays = everything.where("not (month = '2024-03-01' and user_id = 4)")
    as_of = datetime(2024, 4, day, tzinfo=UTC)
    rows = [(track, leader, "title") for track, leader in leaders.items()]
    schema = "track_id int, recording_id int, rule string"
    united = context.spark.createDataFrame(rows, schema)
    count_as(context, united)
    bring_forward(context, as_of)
    check(context, as_of, counted_as(plays, leaders))
    version = context.store.version("plays")
    count_as(context, united)
    assert context.store.version("plays") == version  # nothing has moved since
