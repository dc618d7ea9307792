"""A comparison from the files to the report, with every method; and one for a single listener."""

import json
from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from rich.console import Console

from jobs.nights import CONF, night_settings
from ritornello.errors import UsageError
from ritornello.generator.write import write as write_generated
from ritornello.job import Context
from ritornello.methods.definitions import METHODS, RANKER
from ritornello.settings.loading import load_settings
from ritornello.settings.settings import Settings
from ritornello.study.compare_data import compare_data, compare_run
from ritornello.tables.store import Store

pytestmark = pytest.mark.integration


def settings_in(folder, *overrides: str) -> Settings:
    return load_settings([CONF], [f"warehouse={folder}/split", *overrides])


def compared(spark, data, folder, *overrides: str):
    """Run a comparison with all its folders under ``folder``."""
    run = compare_run(
        settings_in(folder, *overrides), str(data), data_format="nested", out=folder / "out"
    )
    store = Store(spark, f"{folder}/split")
    console = Console(record=True, width=140, quiet=False)
    context = Context(spark, store, run.settings, console)
    told = compare_data(context, replace(run, dataset=str(folder / "dataset")))
    return told, json.loads((folder / "out" / "metrics.json").read_text()), console.export_text()


@pytest.fixture(scope="module")
def data(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    write_generated(spark, night_settings(folder).generator, str(folder), partitions=2)
    return folder


@pytest.fixture(scope="module")
def everything(spark, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    return folder, *compared(spark, data, folder)


def test_every_method_is_judged_for_every_target(everything):
    _, _, metrics, _ = everything
    assert set(metrics["methods"]) == set(METHODS)
    for found in metrics["methods"].values():
        assert set(found) == {"all", "repeats", "new"}
        assert all(
            0 <= found["all"][f"{m}@40"] <= 1 for m in ("ndcg", "precision", "recall", "map")
        )
    personal = metrics["methods"]["personal_most_popular_all"]["all"]["ndcg@40"]
    assert personal > 2 * metrics["methods"]["most_popular"]["all"]["ndcg@40"]
    assert (
        metrics["methods"]["als_pps"]["all"]["ndcg@40"]
        > 2 * metrics["methods"]["als"]["all"]["ndcg@40"]
    )


def test_options_are_chosen_on_a_day_before_the_test(everything):
    _, _, metrics, _ = everything
    assert metrics["protocol"]["options_chosen_on"] < metrics["protocol"]["test_from"]
    for name, option in metrics["options"].items():
        trials = {o: metrics["trials"][f"{name}@{o}"]["ndcg@40"] for o in METHODS[name].trials}
        assert trials[option] == max(trials.values())


def test_the_report_holds_every_part_and_the_folder_every_file(everything):
    folder, told, metrics, _ = everything
    page = (folder / "out" / "report.html").read_text()
    assert "not measured in this run" not in page
    assert "\\begin{tabular}" in (folder / "out" / "table.tex").read_text()
    assert (folder / "latest").read_text() == "out\n"
    assert f"{len(METHODS)} methods" in told
    for part in ("statistics", "beyond", "gains", "strata", "eps_sweep", "tradeoff", "calibration",
                 "feature_importances", "steps", "intervals"):  # fmt: skip
        assert metrics[part], part
    assert sum(one["pairs"] for one in metrics["calibration"]) > 1000


def test_more_weight_on_shared_parts_brings_more_unplayed_items(everything):
    curve = [p for p in everything[2]["tradeoff"] if p["method"] == "sub_item_artist_id"]
    novelty = [
        p["personalised_novelty@40"]
        for p in sorted(curve, key=lambda p: float(p["setting"].split()[1]))
    ]
    assert novelty == sorted(novelty)
    assert novelty[-1] > novelty[0]


def test_the_split_is_made_once_and_holds_out_a_tenth(spark, everything, data):
    folder, _, metrics, _ = everything
    store = Store(spark, f"{folder}/split")
    roles = {
        r.role: r["count"] for r in store.read("split_listeners").groupBy("role").count().collect()
    }
    assert roles["validation"] == sum(roles.values()) // 10
    version = store.version("split_listeners")
    own = "compare.methods=[personal_most_popular_all, power_law_popularity]"
    _, again, _ = compared(spark, data, folder, own)
    assert store.version("split_listeners") == version
    for name, found in again["methods"].items():
        assert found["all"] == pytest.approx(metrics["methods"][name]["all"]), name


@pytest.mark.long
def test_item_reduction_keeps_the_drawn_items_only(spark, data, tmp_path):
    own = "compare.methods=[most_popular, personal_most_popular_all]"
    compared(spark, data, tmp_path, "compare.items=300", own)
    store = Store(spark, f"{tmp_path}/split")
    drawn = store.read("split_items")
    assert drawn.count() == 300
    assert store.read("plays").join(drawn, "track_id", "left_anti").isEmpty()


@pytest.mark.long
def test_nights_are_judged_one_by_one(spark, data, tmp_path):
    _, metrics, _ = compared(
        spark, data, tmp_path, "compare.protocol=nightly", "compare.nights=3",
        "compare.methods=[most_popular, decayed_popularity_30d]",
    )  # fmt: skip
    rows = Store(spark, f"{tmp_path}/split").read("evaluations")
    assert rows.select("as_of").distinct().count() == 3
    judged = rows.where("target = 'all' AND method = 'most_popular'").count()
    assert metrics["methods"]["most_popular"]["all"]["listeners"] == judged


def test_one_listener_gets_what_needs_nobody_else(spark, data, tmp_path):
    alone = tmp_path / "alone"
    plays = spark.read.parquet(f"{data}/interactions.parquet")
    longest = plays.orderBy(F.desc("size_of_actions"), "character_index").limit(1)
    longest.write.parquet(f"{alone}/interactions.parquet")
    spark.read.parquet(f"{data}/tracks.parquet").write.parquet(f"{alone}/tracks.parquet")
    _, metrics, printed = compared(spark, alone, tmp_path)
    assert RANKER not in metrics["methods"]
    assert "ranker stays out: it learns from other listeners" in printed
    assert {"decayed_popularity_30d", "power_law_popularity", "own_artists"} <= set(
        metrics["methods"]
    )


def test_an_unknown_method_is_named(spark, data, tmp_path):
    with pytest.raises(UsageError, match="unknown method itemknn"):
        compared(spark, data, tmp_path, "compare.methods=[itemknn]")
