"""The whole night, twice: with the future as it was, and with another one."""

from pathlib import Path

import pytest
from pyspark.sql import functions as F
from rich.console import Console

import pages
from jobs.nights import AS_OF, CATALOGUE, DERIVED, all_differences, ids_before, night_settings
from ritornello.as_of import before
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.methods.definitions import METHODS
from ritornello.night.judging.day import label, open_day
from ritornello.night.judging.lists import lists_of_methods, missing_needs
from ritornello.night.lists.generate_candidates import propose
from ritornello.night.lists.recommend import recommend
from ritornello.night.lists.train_ranker import days_to_learn_from
from ritornello.night.paths import learning_steps
from ritornello.night.state.build_features import build_features
from ritornello.night.state.listened import plays_of_kind
from ritornello.ranking.past_counts import counts_in_plays
from ritornello.ranking.simple import best_simple, counts_in_samples

pytestmark = pytest.mark.slow
FEW_STEPS = (
    *("sequence.window=20", "sequence.dimensions=16", "sequence.layers=1"),
    *("sequence.epochs=2", "sequence.minutes=100.0"),
)


def test_every_listener_of_the_past_gets_three_lists(night):
    listed = night.store.read("recommendations", as_of=AS_OF)
    past = night.store.read("plays").where(F.col("played_at") < F.lit(AS_OF))
    for name in ("mixed", "repeats", "new"):
        users = listed.where(F.col("list") == name).select("user_id").distinct().count()
        assert users == past.select("user_id").distinct().count()


def test_repeats_were_played_and_new_ones_were_not(night):
    listed = night.store.read("recommendations", as_of=AS_OF)
    past = night.store.read("plays").where(F.col("played_at") < F.lit(AS_OF))
    pairs = past.select("user_id", "track_id").distinct()
    new, repeats = listed.where("list = 'new'"), listed.where("list = 'repeats'")
    assert new.join(pairs, ["user_id", "track_id"], "left_semi").count() == 0
    assert repeats.join(pairs, ["user_id", "track_id"], "left_anti").count() == 0
    assert new.count() > 0


def test_ranks_run_from_one_by_falling_score(night):
    listed = night.store.read("recommendations", as_of=AS_OF).toPandas()
    for _, places in listed.sort_values("rank").groupby(["user_id", "list"]):
        assert places["rank"].tolist() == list(range(1, len(places) + 1))
        assert places["score"].is_monotonic_decreasing


def exploded(candidates):
    return candidates.select("user_id", F.explode("item_ids").alias("item_id"))


def test_what_is_barred_is_no_candidate(spark, night):
    settings = night_settings(Path(night.store.warehouse))
    context = Context(spark, night.store, settings, Console(quiet=True))
    candidates = exploded(night.store.read("candidates", as_of=AS_OF))
    most = candidates.groupBy("item_id").count().orderBy(F.desc("count"), "item_id").first()
    key = night.store.read("tracks").where(F.col("track_id") == most.item_id).first()
    schema = "source_user_id string, what string, source_id string, since timestamp"
    rule = spark.createDataFrame([("", "track", key.source_track_id, AS_OF)], schema)
    night.store.replace("bars", rule)
    try:
        left = exploded(propose(context, AS_OF))
        assert left.where(F.col("item_id") == most.item_id).isEmpty()
        assert left.count() == candidates.count() - most["count"]
    finally:
        night.store.replace("bars", rule.limit(0))


def test_no_model_has_seen_what_it_ranks(night):
    model = night.store.read("models").first()
    assert model.trained_as_of <= model.as_of
    samples = night.store.read("samples").agg(
        F.max(F.unix_seconds("as_of") + F.col("horizon_days") * 86_400)
    )
    assert samples.first()[0] <= AS_OF.timestamp()


def test_with_few_listeners_a_count_is_chosen_as_by_samples_without_building_any(spark, night):
    settings = night_settings(Path(night.store.warehouse))
    few = settings.ranker.model_copy(update={"least_listeners": 1000})
    settings = settings.model_copy(update={"ranker": few})
    context = Context(spark, night.store, settings, Console(quiet=True))
    days = days_to_learn_from(context, AS_OF)
    names = [step.name for step in learning_steps(context, AS_OF, days)]
    assert names == ["unite_tracks", "pair_checkpoints", "train_ranker"]
    samples = night.store.read("samples").where(F.col("as_of").isin(list(days.all)))
    expected, metrics = best_simple(counts_in_samples(samples))
    counts = counts_in_plays(plays_of_kind(context), days)
    sampled = counts.join(samples, ["group_id", "item_id"], "left_semi")
    chosen, same = best_simple(sampled)
    assert chosen == expected
    assert same == pytest.approx(metrics, abs=1e-4)
    assert metrics["ndcg@40"] > 0.1


def test_steps_touch_only_the_tables_that_their_jobs_name(night):
    """The docstrings of jobs/ against the run log of a whole night."""
    of_step = {"pair_checkpoints": "build_features", "build_samples": "train_ranker"}
    of_step |= {"unite_tracks": "build_recordings"}
    flows = pages.flows()
    runs = night.store.read("runs").where("outcome = 'ok'").collect()
    assert {row.step for row in runs} >= {"import_plays", "train_als", "recommend", "publish"}
    for row in runs:
        flow = flows[of_step.get(row.step, row.step)]
        written, read = (
            {*versions} - pages.LEDGERS for versions in (row.versions_written, row.versions_read)
        )
        assert written <= {*flow.writes}, f"{row.step} writes {written - {*flow.writes}}"
        named = {*flow.reads, *flow.writes}
        assert read <= named, f"{row.step} reads {read - named}"


def recordings_of(store, tracks: set[int]) -> dict[int, int]:
    """What these tracks count as; later ones may join, and change nothing."""
    rows = store.read("recordings").collect()
    return {row.track_id: row.recording_id for row in rows if row.track_id in tracks}


def test_the_metrics_speak_of_everybody_and_every_method(night):
    methods = night.metrics["methods"]
    assert {"ranker", "most_popular", "own_artists", "als", "decayed_popularity_60d"} <= set(
        methods
    )
    assert night.metrics["listeners"] > 50
    assert all(0 <= methods[m]["all"]["ndcg@40"] <= 1 for m in methods)
    personal = methods["personal_most_popular_all"]["all"]["ndcg@40"]
    assert personal > 2 * methods["most_popular"]["all"]["ndcg@40"]


def test_another_future_changes_nothing_as_of_then(night, night_with_another_future):
    one, other = night.store, night_with_another_future.store
    assert ids_before(one, AS_OF) == ids_before(other, AS_OF)
    assert all_differences(one, other, DERIVED) == []
    known = set(ids_before(one, AS_OF)["track"].values())
    assert recordings_of(one, known) == recordings_of(other, known)
    written = {name for name in DERIVED if one.exists(name)}
    assert written >= {"pair_history", "als_item_factors", "models", "recommendations", "exposures"}


def test_no_method_of_a_comparison_sees_the_future(spark, night, night_with_another_future):
    """Every method with its first option: the same lists whatever is played from AS_OF on.

    Of the sequential models, which differ by their losses, one of each kind.
    """
    wanted = {name: (method.trials[:1] or (None,)) for name, method in METHODS.items()}
    wanted |= {"sasrec_pps": (None,), "bert4rec": (None,)}
    found = []
    for one in (night, night_with_another_future):
        settings = night_settings(one.store.warehouse, *FEW_STEPS)
        context = Context(spark, one.store, settings, Console(quiet=True))
        can = {n: o for n, o in wanted.items() if n not in missing_needs(context, [n], listeners=9)}
        lists = lists_of_methods(open_day(context, AS_OF), can, length=40)
        rows = lists.collect()
        assert {row.method for row in rows} == {label(n, o) for n, (o,) in can.items()}
        found.append({(row.user_id, row.method): row for row in rows})
    one, other = found
    assert one.keys() == other.keys()
    changed = {method for (user, method), row in one.items() if row != other[user, method]}
    assert changed == set()


def test_another_future_is_another_truth(night, night_with_another_future):
    assert night.metrics != night_with_another_future.metrics
    for name in CATALOGUE - {"artists"}:
        assert night.store.read(name).count() != night_with_another_future.store.read(name).count()


def test_the_same_delivery_again_changes_nothing(spark, night, generated):
    store = night.store
    before_it = {name: store.version(name) for name in ("plays", "users", "tracks", "deliveries")}
    settings = night_settings(store.warehouse)
    import_plays(Context(spark, store, settings, Console(quiet=True)), folder=str(generated))
    assert {name: store.version(name) for name in before_it} == before_it


def test_a_step_again_writes_the_same_rows(spark, night):
    settings = night_settings(night.store.warehouse)
    context = Context(spark, night.store, settings, Console(quiet=True))
    tables = ("pair_history", "item_stats", "user_profile", "histories", "recommendations")
    kept = {name: night.store.read(name).toPandas() for name in tables}
    build_features(context, AS_OF)
    recommend(context, AS_OF)
    for name in tables:
        key = list(night.store.contracts[name].key)
        again = night.store.read(name).toPandas().sort_values(key).reset_index(drop=True)
        assert again.equals(kept[name].sort_values(key).reset_index(drop=True)), name


def test_runs_tell_what_was_read_and_written(night):
    steps = {row.step: row for row in night.store.read("runs").collect()}
    assert {"import_plays", "build_features", "train_ranker", "recommend", "evaluate"} <= set(steps)
    assert steps["recommend"].outcome == "ok"
    assert "candidates" in steps["recommend"].versions_read
    assert steps["recommend"].versions_written.keys() == {"recommendations"}
    assert steps["recommend"].rows > 0


def test_item_history_before_as_of_only(night):
    plays = night.store.read("plays").withColumnRenamed("track_id", "item_id")
    counted = night.store.read("pair_history", as_of=AS_OF).agg(F.sum("plays")).first()[0]
    assert counted == before(plays.where("weight > 0"), AS_OF).count()
