"""The two-stage recommender of artists on planted tastes: honest parts, masks, files."""

import json
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import functions as F
from rich.console import Console

from ritornello.artists.features import FEATURES
from ritornello.job import Context
from ritornello.settings.loading import load_settings
from ritornello.study.artists.inputs import recognise
from ritornello.study.artists.learn import learn
from ritornello.study.artists.propose import build_rows, propose, train_factors
from ritornello.study.artists.results import artefact
from ritornello.study.artists.run import artists_run, run_artists
from ritornello.tables.store import Store

pytestmark = pytest.mark.integration
TINY = [
    "artists.als={rank: 6, iterations: 4, reg: 0.2, alpha: 1.0, weighting: bm25, blocks: 2}",
    "artists.ranker={trees: 15, leaves: 5, min_rows_in_leaf: 5, early_stopping_rounds: 5}",
    "artists.top_n=30",
    "artists.alphas=[0.4, 1.0]",
    "artists.ease_items=60",
]


def write_listening(folder: Path) -> None:
    """120 listeners of four kinds, 80 artists of four kinds; friends and tags follow the kinds."""
    draw = np.random.default_rng(5)
    counts, friends, tags = [], [], []
    for user in range(120):
        near = draw.random(80) < np.where(np.arange(80) % 4 == user % 4, 0.45, 0.05)
        for artist in np.flatnonzero(near):
            counts.append(f"{user + 2}\t{artist + 1}\t{1 + int(draw.exponential(200))}")
            if draw.random() < 0.3:
                tags.append(f"{user + 2}\t{artist + 1}\t{50 + artist % 4}\t1\t4\t2009")
        for friend in (user + 4, user + 8):
            if friend < 120:
                friends.append(f"{user + 2}\t{friend + 2}")
    files = {
        "user_artists": ("userID\tartistID\tweight", counts),
        "artists": (
            "id\tname\turl\tpictureURL",
            [f"{n + 1}\tband {n}\thttp://x/{n}\thttp://y/{n}" for n in range(80)],
        ),
        "user_friends": ("userID\tfriendID", friends),
        "user_taggedartists": ("userID\tartistID\ttagID\tday\tmonth\tyear", tags),
    }
    for name, (header, lines) in files.items():
        (folder / f"{name}.dat").write_text("\n".join([header, *lines]) + "\n")


@pytest.fixture(scope="module")
def ran(spark, tmp_path_factory) -> tuple[Context, Path]:
    folder, place = tmp_path_factory.mktemp("listening"), tmp_path_factory.mktemp("artists")
    write_listening(folder)
    settings = load_settings([], [*TINY, f"warehouse={place / 'warehouse'}"])
    run = artists_run(settings, str(folder), place / "out", None)
    store = Store(spark, run.settings.warehouse, "artist")
    context = Context(spark, store, run.settings, Console(quiet=True))
    assert "best on the test" in run_artists(context, run)
    return context, place / "out"


def test_metrics_are_of_one_denominator_and_tell_the_masks(ran):
    context, out = ran
    told = json.loads((out / "metrics.json").read_text())
    assert (told["split"], told["masked"]) == ("random", ["train", "val"])
    wanted = {
        "als",
        "published",
        "reranked",
        "reranked_side",
        "ease",
        "item_cosine",
        "most_popular",
    }
    assert wanted | {"als_refit", "reranked_refit"} <= set(told["methods"])
    for name, one in told["methods"].items():
        assert set(one["all"]) == {"precision@10", "map@10", "ndcg@10"}, name
    asked = context.store.read("trial_evaluations").where("stage = 'test'")
    assert (
        asked.groupBy("user_id")
        .agg(F.countDistinct("test_items").alias("n"))
        .where("n > 1")
        .isEmpty()
    )
    known = {name: one["all"]["ndcg@10"] for name, one in told["methods"].items()}
    assert known["reranked"] > known["most_popular"]


def test_b3_train_and_validation_are_masked_for_every_method(ran):
    store = ran[0].store
    pairs = store.read("trial_pairs").select("user_id", "item_id", "part")
    lists = store.read("trial_lists").select(
        "stage", "method", "user_id", F.explode("items").alias("item_id")
    )
    listed = lists.join(pairs, ["user_id", "item_id"])
    assert listed.where("stage IN ('test', 'refit') AND part <> 'test'").isEmpty()
    assert listed.where("stage = 'val' AND part = 'train'").isEmpty()
    assert listed.where("stage = 'test'").select("method").distinct().count() == 7


def test_b1_4_candidates_are_ranked_from_0_and_unseen(ran):
    rows = ran[0].store.read("trial_candidates", recipe="ours", stage="test")
    ranks = rows.groupBy("user_id").agg(
        F.min("als_rank").alias("low"), F.max("als_rank").alias("high")
    )
    assert ranks.where("low <> 0 OR high <> 29").isEmpty()


def test_b3_features_are_joined_alike_for_training_and_for_serving(ran):
    """A pair that is a candidate of validation and of the test: only its place in the list differs."""
    store = ran[0].store
    val, test = (
        store.read("rerank_rows", trial="seed-42", recipe="ours", stage=stage).select(
            "user_id", "item_id", F.col("features").alias(stage)
        )
        for stage in ("val", "test")
    )
    both = val.join(test, ["user_id", "item_id"]).toPandas()
    moved = {"als_rank", "als_rank_inv", "item_cosine_rank"}
    same = [n for n, name in enumerate(FEATURES) if name not in moved]
    one, other = (np.stack(both[stage])[:, same] for stage in ("val", "test"))
    assert len(both) > 1000
    np.testing.assert_allclose(one, other, rtol=1e-9)


def test_b1_7_the_published_ranker_has_the_published_settings(ran):
    rows = ran[0].store.read("trial_models", trial="seed-42", method="published").collect()
    used, text = json.loads(rows[0].settings), rows[0].native_text
    assert (used["trees"], used["early_stopping_rounds"], used["seed"]) == (2000, 100, 42)
    wanted = {
        **{"num_leaves": "31", "learning_rate": "0.05", "min_data_in_leaf": "50"},
        **{"feature_fraction": "0.9", "bagging_fraction": "0.9", "bagging_freq": "1"},
        **{"lambda_l2": "1", "objective": "lambdarank"},
    }
    for name, value in wanted.items():  # as LightGBM wrote them into the model
        assert f"[{name}: {value}]" in text, name
    assert len(rows[0].features) == 16


def test_every_file_that_people_expect_is_there(ran):
    """B1.9 and B1.7: the sweep by alpha, lists, report, importances and their plot."""
    out = ran[1]
    wanted = ["metrics.json", "users.parquet", "artists.parquet"]
    of_trial = [
        "splits.parquet",
        "candidates.parquet",
        "rerank.parquet",
        "features.json",
        "features_meta.json",
    ]
    of_model = ["model.txt", "sweep.jsonl", "sweep.csv", "sweep.svg", "best.json", "report.json",
                "feature_importance.csv", "feature_importance.svg", "top_k.parquet",
                "top_k_best.parquet"]  # fmt: skip
    wanted += [f"seed-42/{name}" for name in of_trial]
    models = ("published", "reranked", "reranked_side")
    wanted += [f"seed-42/{model}/{name}" for model in models for name in of_model]
    assert [name for name in wanted if not (out / name).exists()] == []
    best = json.loads((out / "seed-42/reranked/best.json").read_text())
    sweep = [json.loads(x) for x in (out / "seed-42/reranked/sweep.jsonl").read_text().splitlines()]
    assert best["ndcg@10"] == max(one["ndcg@10"] for one in sweep)
    assert len((out / "seed-42/published/feature_importance.csv").read_text().splitlines()) == 17


def test_the_published_gain_is_told_on_both_denominators(ran):
    told = artefact(ran[0], "seed-42")
    own = told["against_pairs_among_its_candidates"]["published"]["ndcg@10"]
    assert own > told["against_all_test_pairs"]["published"]["ndcg@10"]
    assert told["gain_as_published"] > told["gain_on_one_denominator"]


def test_b3_nothing_that_is_learnt_or_chosen_sees_the_test(ran):
    """The same trial with half of its test pairs gone: models, alphas, features stay as they are."""
    context = ran[0]
    store = context.store
    given = recognise(context, _folder_of(context))
    pairs = store.read("trial_pairs", trial="seed-42")
    kept = pairs.where("part <> 'test' OR pmod(hash(user_id, item_id), 2) = 0").drop("trial")
    store.replace("trial_pairs", kept, trial="seed-7")
    for step in (train_factors, propose):
        step(context, "seed-7")
    build_rows(context, given, "seed-7")
    learn(context, given, "seed-7")
    models = store.read("trial_models").toPandas().set_index(["trial", "method"])
    for method in ("published", "reranked", "reranked_side"):
        one, other = models.loc[("seed-42", method)], models.loc[("seed-7", method)]
        assert one["native_text"] == other["native_text"], method
        assert one["sweep"] == other["sweep"], method
        assert one["alpha"] == other["alpha"]


def _folder_of(context: Context) -> str:
    """The fixture's folder of listening lies beside its warehouse."""
    base = Path(context.store.warehouse).parent.parent
    return str(next(base.glob("listening*")))


def test_a_missing_file_is_named_before_the_first_stage(ran, tmp_path):
    (tmp_path / "artists.dat").write_text("id\tname\n")
    with pytest.raises(Exception, match=r"expected user_artists\.dat and artists\.dat; or"):
        recognise(ran[0], str(tmp_path))
