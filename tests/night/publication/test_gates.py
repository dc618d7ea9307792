"""Every gate of the audit can fail: on a whole night, and on a short one with three listeners due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from rich.console import Console

from night.zeros import LIMITS, NO_LIMITS, zeros
from ritornello.job import Context
from ritornello.night.publication.audit import Check, audit, offline_drop
from ritornello.night.publication.served import Served
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

MONDAY = datetime(2024, 5, 6, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
LISTENERS, ITEMS, LENGTH = 8, 40, 10
DUE = (0, 1, 2)
PLACES = (
    "user_id int, source_user_id string, list string, rank int, track_id int, "
    "source_track_id string, score double, source string, last_played_at timestamp, "
    "propensity double"
)


@dataclass(frozen=True)
class Place:
    """One place of mixed: who, at which rank, which item, its score, and whether it was played."""

    user: int
    rank: int
    item: int
    score: float
    again: bool


def places(*, reverse=False) -> list[Place]:
    """The lists of a sound night: half repeats, half new, scored from 1.0 down."""
    return [
        Place(u, r + 1, LENGTH - 1 - r if reverse else r, 1.0 - r / LENGTH, r % 2 == 0)
        for u in range(LISTENERS)
        for r in range(LENGTH)
    ]


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory) -> Context:
    warehouse = tmp_path_factory.mktemp("warehouse")
    settings = load_settings(
        [], [f"warehouse={warehouse}", f"recommend.length={LENGTH}", "audit.depth=5"]
    )
    context = Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))
    store, played = context.store, TUESDAY - timedelta(hours=5)
    named = {
        "user_profile": {"user_id": "int"},
        "item_stats": {"item_id": "int", "last_played_at": "timestamp"},
        "pair_history": {"user_id": "int", "item_id": "int"},
    }
    rows = {
        "user_profile": [(u,) for u in range(LISTENERS)],
        "item_stats": [(i, played) for i in range(ITEMS)],
        "pair_history": [(u, i) for u in range(LISTENERS) for i in range(0, ITEMS, 2)],
    }
    for table, known in named.items():
        store.replace(table, zeros(spark, store, table, rows[table], **known), as_of=TUESDAY)
    plays = zeros(
        spark, store, "plays", [(0, ITEMS - 1, -2), (1, ITEMS - 1, -2)],
        user_id="int", track_id="int", weight="int",
    )  # fmt: skip
    store.replace("plays", plays)
    tracks = [(item, str(item), *NO_LIMITS) for item in range(ITEMS)]
    known = {"track_id": "int", "source_track_id": "string", **LIMITS}
    store.replace("tracks", zeros(spark, store, "tracks", tracks, **known))
    artist = zeros(spark, store, "artists", [(1,)], artist_id="int")
    store.replace("artists", artist)
    store.replace("users", zeros(spark, store, "users", [(0,)], user_id="int"))
    rankers(context, 0.5, 0.5)
    stage(context, MONDAY, places())
    return context


def rankers(context, *figures: float) -> None:
    """The registry: one ranker a day up to Tuesday, the newest figure last."""
    days = [TUESDAY - timedelta(days=n) for n in range(len(figures))][::-1]
    rows = [
        ("ranker", f"v{n}", at, at, {"ndcg@40": figure, "listeners": 9.0})
        for n, (at, figure) in enumerate(zip(days, figures, strict=True))
    ]
    known = {"model": "string", "version": "string", "as_of": "timestamp"}
    known |= {"trained_as_of": "timestamp", "metrics": "map<string,double>"}
    context.store.replace("models", zeros(context.spark, context.store, "models", rows, **known))


def stage(context, as_of, lists: list[Place], *, due=range(LISTENERS)) -> None:
    """Write the lists of a night, and candidates of the listeners who are due."""
    spark, store = context.spark, context.store
    newest = as_of - timedelta(hours=5)
    rows = [
        (p.user, str(p.user), "mixed", p.rank, p.item, str(p.item), p.score, "als",
         newest if p.again else None, None)
        for p in lists
    ]  # fmt: skip
    store.replace("recommendations", spark.createDataFrame(rows, PLACES), as_of=as_of)
    candidates = zeros(spark, store, "candidates", [(u,) for u in due], user_id="int")
    store.replace("candidates", candidates, as_of=as_of)


def checks_of(context, lists: list[Place], *, due=range(LISTENERS)) -> dict[str, Check]:
    """The checks of such a Tuesday after a sound Monday."""
    stage(context, TUESDAY, lists, due=due)
    monday = Served(1, MONDAY, context.store.version("recommendations"), LISTENERS, "publish", "r")
    return {check.name: check for check in audit(context, TUESDAY, monday).checks}


def outcomes(context, lists: list[Place], *, due=range(LISTENERS)) -> dict[str, str]:
    """What every check says of such a Tuesday after a sound Monday."""
    return {name: check.outcome for name, check in checks_of(context, lists, due=due).items()}


def changed(lists: list[Place], who, **values) -> list[Place]:
    """The same lists, with another value at the first place of these listeners."""
    first = {"user", "rank", "item", "score", "again"} - {*values}
    return [
        Place(**{name: getattr(p, name) for name in first}, **values)
        if p.user in who and p.rank == 1
        else p
        for p in lists
    ]


def broken(due) -> list[Place]:
    """Three listeners with faults: an item twice, an unknown item out of order, no list at all."""
    twice, unknown, missing = due[0], due[1], due[2]
    lists = changed(places(), {twice}, item=2)
    lists = changed(lists, {unknown}, item=ITEMS + 1, score=0.1)
    return [p for p in lists if p.user != missing]


def overturned(due) -> list[Place]:
    """Sound in itself, but every place of these listeners is another, a repeat, and scored higher."""
    return [
        Place(p.user, p.rank, 18 + 2 * p.rank, p.score + 9, True) if p.user in due else p
        for p in places()
    ]


def test_a_sound_night_passes(context):
    for due in (range(LISTENERS), DUE):
        assert set(outcomes(context, places(), due=due).values()) <= {"ok", "none"}


@pytest.mark.parametrize("due", [range(LISTENERS), DUE], ids=["whole", "short"])
def test_a_fault_of_the_listeners_who_are_due_fails_its_check_and_no_other(context, due):
    checks = checks_of(context, broken(due), due=due)
    faults = {"coverage": 1 - 1 / LISTENERS, "duplicates": 1, "ineligible": 1, "disorder": 1}
    assert {
        name: checks[name].value for name in checks if checks[name].outcome == "error"
    } == faults
    checks = checks_of(context, overturned(due), due=due)
    changes = {name: checks[name].value for name in checks if checks[name].outcome == "error"}
    assert changes == {"stability": 0.0, "repeat_shift": 0.5}
    assert checks["score_drift"].outcome == "warn"


@pytest.mark.parametrize("due", [range(LISTENERS), DUE], ids=["whole", "short"])
def test_a_disliked_item_fails(context, due):
    disliked = ITEMS - 1
    assert (
        outcomes(context, changed(places(), {5}, item=disliked), due=due)["ineligible"] == "error"
    )
    assert (
        outcomes(context, changed(places(), {0}, item=disliked), due=due)["ineligible"] == "error"
    )


def test_what_is_barred_fails(context):
    schema = "source_user_id string, what string, source_id string, since timestamp"
    rule = context.spark.createDataFrame([("", "track", "3", TUESDAY)], schema)
    context.store.replace("bars", rule)
    try:
        assert outcomes(context, places())["ineligible"] == "error"
    finally:
        context.store.replace("bars", rule.limit(0))
    assert outcomes(context, places())["ineligible"] == "ok"


def test_a_song_under_two_ids_is_twice_in_a_list_and_not_new(context):
    """Tracks 0 to 9 are listed; of these the even ones are repeats."""

    def versions(**of_tracks):
        rows = [(int(track[1:]), recording, "title") for track, recording in of_tracks.items()]
        schema = "track_id int, recording_id int, rule string"
        return context.spark.createDataFrame(rows, schema)

    try:
        context.store.replace("recordings", versions(_3=1))
        assert outcomes(context, places())["duplicates"] == "error"
        context.store.replace("recordings", versions(_9=8))
        lists = [p for p in places() if p.item != 8]
        assert outcomes(context, lists)["ineligible"] == "error"  # 9 is new, and 8 was played
    finally:
        context.store.replace("recordings", versions(_3=1).limit(0))


def test_short_lists_and_old_plays_fail(context):
    assert outcomes(context, [p for p in places() if p.rank <= 2])["list_length"] == "error"
    items = context.store.read("item_stats", as_of=TUESDAY).drop("as_of")
    old = items.withColumn("last_played_at", F.lit(TUESDAY - timedelta(days=31)))
    context.store.replace("item_stats", old, as_of=TUESDAY)
    try:
        assert outcomes(context, places())["age_days"] == "error"
    finally:
        context.store.replace("item_stats", items, as_of=TUESDAY)


@pytest.mark.parametrize(
    ("figures", "drop", "outcome"),
    [
        ((0.5, 0.5, 0.0), 1.0, "error"),  # a worthless ranker
        ((0.4, 0.6, 0.45), 0.1, "warn"),
        ((0.5, 0.5, 0.5), 0.0, "ok"),
        ((0.5,), None, "none"),
    ],
)
def test_a_ranker_is_measured_against_those_before_it(context, figures, drop, outcome):
    rankers(context, *figures)
    check = drop_of(context)
    assert check.value == (None if drop is None else pytest.approx(drop))
    assert check.outcome == outcome


def drop_of(context) -> Check:
    """The check of Tuesday's ranker alone."""
    limits = context.settings.audit.offline_drop
    return Check("offline_drop", offline_drop(context, TUESDAY, None), limits)


def test_a_worthless_ranker_fails(context):
    rankers(context, 0.5, 0.5, 0.0)
    try:
        assert outcomes(context, places())["offline_drop"] == "error"
    finally:
        rankers(context, 0.5, 0.5)


def test_a_fit_that_judged_nobody_says_nothing(context):
    rankers(context, 0.5, 0.5, 0.0)
    nobody = F.when(F.col("version") == "v2", F.map_from_entries(F.expr(
        "array(struct('listeners' AS k, 0D AS v), struct('ndcg@40' AS k, 0D AS v))"
    ))).otherwise(F.col("metrics"))  # fmt: skip
    models = context.store.read("models").withColumn("metrics", nobody)
    context.store.replace("models", models.localCheckpoint())
    assert drop_of(context).outcome == "none"
