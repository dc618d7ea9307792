"""A finished night once more: nothing to do, and its lists are served."""

import json
import shutil
from datetime import timedelta

import pytest
from pandas.testing import assert_frame_equal
from pyspark.sql import functions as F
from rich.console import Console

from jobs.nights import AS_OF, all_differences, night_settings
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.graph import run_steps
from ritornello.night.lists.generate_candidates import generate_candidates
from ritornello.night.lists.recommend import recommend
from ritornello.night.lists.registry import ranker_mark
from ritornello.night.lists.shadow import SHADOW, Rankers, rankers_of, shadow_step_of
from ritornello.night.paths import outcome_steps
from ritornello.night.publication.nights import nights
from ritornello.night.publication.outcomes import record_outcomes
from ritornello.night.publication.publish import publish
from ritornello.night.publication.served import lists_of, served_night
from ritornello.night.refresh import plan, refresh
from ritornello.night.state.base import base_of_lists
from ritornello.night.state.build_features import build_features
from ritornello.night.state.due import listeners_due
from ritornello.night.steps import shadow_step
from ritornello.settings.lists import ExplorationSettings
from ritornello.tables.store import Store

pytestmark = pytest.mark.slow


def test_a_second_night_of_a_day_does_nothing(spark, night):
    store = night.store
    context = Context(spark, store, night_settings(store.warehouse), Console(quiet=True))
    before = {name: store.version(name) for name in store.contracts if name != "leases"}
    assert plan(context, AS_OF).startswith("0 of ")
    assert refresh(context, AS_OF).startswith("nothing to do: all ")
    assert {name: store.version(name) for name in before} == before


def test_the_night_passed_its_audit_and_is_served(night):
    served = served_night(night.store)
    assert (served.as_of, served.action) == (AS_OF, "publish")
    lists = lists_of(night.store, served.as_of, version=served.version)
    assert lists.select("user_id").distinct().count() == served.listeners
    checks = {row.check: row for row in night.store.read("checks").collect()}
    assert checks["coverage"].value == 1.0
    assert {checks[name].value for name in ("duplicates", "ineligible", "disorder")} == {0.0}
    assert checks["stability"].outcome == "none"  # there was no night before
    assert "recommendations" in checks["coverage"].table_versions


@pytest.fixture(scope="module")
def copied(spark, night, tmp_path_factory) -> Context:
    """A copy of the finished night that a test may change."""
    warehouse = tmp_path_factory.mktemp("copied") / "warehouse"
    shutil.copytree(night.store.warehouse, warehouse)
    settings = night_settings(warehouse)
    return Context(spark, Store(spark, str(warehouse)), settings, Console(quiet=True))


def test_a_week_later_it_is_known_what_came_of_the_night(copied):
    store, week = copied.store, timedelta(days=7)
    assert outcome_steps(copied, AS_OF + week - timedelta(seconds=1)) == []
    steps = outcome_steps(copied, AS_OF + week)
    assert [step.name for step in run_steps(copied, steps).ran] == ["record_outcomes"]
    assert run_steps(copied, steps).ran == []

    plays = store.read("plays").where((F.col("weight") > 0) & (F.col("played_at") >= F.lit(AS_OF)))
    plays = plays.where(F.col("played_at") < F.lit(AS_OF + week)).toPandas()
    played = set(zip(plays["user_id"], plays["track_id"], strict=True))
    lists = store.read("recommendations", as_of=AS_OF).where("list = 'mixed' AND rank <= 10")
    shown = lists.toPandas()
    shown = shown[shown["user_id"].isin(plays["user_id"])]
    hits = [pair in played for pair in zip(shown["user_id"], shown["track_id"], strict=True)]
    live = {row.check: row.value for row in store.read("checks").collect()}
    precision = sum(hits) / 10 / shown["user_id"].nunique()
    assert 0 < precision == pytest.approx(live["live_precision_10"])


@pytest.mark.long
def test_a_night_that_lost_its_candidates_ends_the_same(night, copied):
    """As after a crash between two writes of a step: the slice is not there, its table is."""
    store, context = copied.store, copied
    lost = store.read("candidates").where("false").drop("as_of")
    store.replace("candidates", lost, as_of=AS_OF)
    assert plan(context, AS_OF).startswith("4 of ")  # candidates, and what comes after them
    refresh(context, AS_OF)
    steps = store.read("runs").where(F.col("run_id") == context.run_id).orderBy("started_at")
    ran = [row.step for row in steps.collect() if row.step != "record_outcomes"]
    assert ran == ["generate_candidates", "recommend", "publish", "evaluate"]
    tables = ("als_lists", "candidates", "recommendations", "exposures")
    assert all_differences(night.store, store, tables) == []
    assert served_night(store).sequence == 2


@pytest.mark.long
def test_a_short_night_gives_what_a_whole_one_would(copied):
    """Same ranker, same factors: who is due gets the lists of a whole night, the rest keep theirs."""
    store, day = copied.store, AS_OF + timedelta(days=1)
    assert refresh(copied, day).startswith("metrics of ")
    ran = store.read("runs").where(F.col("as_of") == F.lit(day)).select("step").collect()
    assert {row.step for row in ran} >= {"bring_forward", "train_als", "recommend", "evaluate"}
    assert not store.has("pair_history", as_of=day)
    assert plan(copied, day).startswith("0 of ")

    due = listeners_due(copied, base_of_lists(copied, day, [AS_OF]), day).toPandas()["user_id"]
    plays = store.read("plays").where((F.col("played_at") >= F.lit(AS_OF)) & (F.col("weight") > 0))
    played = plays.where(F.col("played_at") < F.lit(day)).toPandas()["user_id"]
    tables = ("item_stats", "user_profile", "als_lists", "recommendations")
    short = {name: of_day(store, name, day) for name in tables}
    base = of_day(store, "recommendations", AS_OF)
    everybody = short["user_profile"]["user_id"]
    assert set(played) < set(due) < set(everybody)
    assert set(short["recommendations"]["user_id"]) == set(everybody)

    build_features(copied, day)
    generate_candidates(copied, day)
    recommend(copied, day)
    whole = {name: of_day(store, name, day) for name in tables}
    for name in ("item_stats", "user_profile", "als_lists"):
        assert_frame_equal(short[name], whole[name], rtol=1e-9, check_exact=False)
    columns = ["list", "rank", "track_id", "score"]
    for rows, expected in (
        (of(short["recommendations"], due), of(whole["recommendations"], due)),
        (
            of(short["recommendations"], due, others=True),
            of(base, due, others=True),
        ),
    ):
        assert len(rows) == len(expected) > 0
        assert_frame_equal(rows[columns], expected[columns], rtol=1e-6)


@pytest.mark.long
def test_a_ranker_in_the_shadow_is_judged_by_what_was_shown_by_chance(copied, tmp_path):
    """The serving ranker once more under another version: what it would have served is known."""
    store, day, week = copied.store, AS_OF + timedelta(days=1), timedelta(days=7)
    settings = with_chance(copied.settings)
    context = Context(copied.spark, store, settings, copied.console)
    trained, twin = AS_OF + timedelta(hours=12), f"twin-{ranker_mark(settings)}"
    serving = store.read("models").first()
    models = store.read("models").drop("version").withColumn("as_of", F.lit(trained))
    store.append("models", models.withColumn("version", F.lit(twin)))
    assert rankers_of(context, day, twin) == Rankers(serving.version, twin)

    recommend(context, day, ranker=serving.version)
    publish(context, day)
    beside = [shadow_step(context, day, twin)]
    assert [step.name for step in run_steps(context, beside).ran] == [SHADOW]
    assert run_steps(context, beside).ran == []
    checks = store.read("checks").where(F.col("step") == shadow_step_of(twin)).collect()
    figures = {row.check: (row.value, row.outcome) for row in checks}
    assert figures["stability"] == (1.0, "ok")
    assert figures["coverage"] == (1.0, "ok")
    assert {outcome for _, outcome in figures.values()} == {"ok"}
    assert rankers_of(context, day + timedelta(days=1), twin) == Rankers(twin)

    record_outcomes(context, day, day + week)
    mixed = of_day(store, "recommendations", day)
    mixed = mixed[(mixed["list"] == "mixed") & (mixed["rank"] <= 20)]
    came = store.read("outcomes", as_of=day + week).toPandas()
    assert set(came["propensity"]) == {1.0, 10 / 90}  # of 100 places the first 10 are certain
    pairs = came.merge(mixed, left_on=["user_id", "item_id"], right_on=["user_id", "track_id"])
    hits = ((pairs["plays"] > 0) / pairs["propensity_x"]).sum()
    expected = hits / 20 / came["user_id"].nunique()
    live = {row.check: row.value for row in store.read("checks").orderBy("checked_at").collect()}
    assert live["ranked_precision_20"] == live["shadow_precision_20"] == pytest.approx(expected)
    assert live["ranked_precision_10"] == live["live_precision_10"]
    assert live["ranked_support_10"] == 1.0
    assert live["ranked_support_20"] == pytest.approx(1.0, abs=0.2)

    assert nights(context, last=1, out=tmp_path).startswith("published nights shown: 1;")
    (told,) = json.loads((tmp_path / "nights.json").read_text())["nights"]
    assert (told["as_of"], told["served"], told["shadow"]) == (iso(day), True, twin)
    assert told["live"]["live_precision_10"] == live["live_precision_10"]
    assert told["checks"]["coverage"] == [1.0, "ok"]
    assert told["seconds"] > 0
    assert "in the shadow</li>" in (tmp_path / "nights.html").read_text()


def with_chance(settings):
    """The settings of a night with one night in the shadow and ten drawn places of twenty."""
    return settings.model_copy(
        update={
            "night": settings.night.model_copy(update={"shadow_nights": 1}),
            "exploration": ExplorationSettings(slots=10, places=20, pool=100),
        }
    )


def of_day(store, name, day):
    """A slice but for its as_of, and for which version of `plays` it was counted from."""
    rows = store.read(name, as_of=day).drop("as_of", "plays_version").toPandas()
    key = [column for column in store.contracts[name].key if column != "as_of"]
    return rows.sort_values(key).reset_index(drop=True)


def of(rows, listeners, *, others=False):
    mine = rows["user_id"].isin(listeners)
    return rows[~mine if others else mine].reset_index(drop=True)
