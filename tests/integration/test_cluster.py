"""The same night by spark-submit on a standalone cluster, compared with local mode."""

import numpy as np
import pytest

from jobs.cluster import cluster, submit
from jobs.nights import AS_OF, CONF, all_differences, best_mixed, finished
from ritornello.instants import iso

pytestmark = pytest.mark.integration
FEATURE_TABLES = ("pair_checkpoints", "pair_history", "histories", "item_stats", "user_profile")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def standalone(folder):
    with cluster(folder) as master:
        yield master


@pytest.fixture(scope="module")
def submitted(spark, standalone, generated, tmp_path_factory):
    warehouse = tmp_path_factory.mktemp("night-cluster")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = submit(
        standalone,
        "refresh.py",
        *("--conf", str(CONF), "--set", "spark.master=", "--warehouse", str(warehouse)),
        *("--input", str(generated), "--as-of", iso(AS_OF)),
        cwd=elsewhere,
    )
    assert done.code == 0, done.output[-4000:]
    return done, finished(spark, warehouse)


def test_the_process_is_gone_soon_after_its_last_line(submitted):
    done, _ = submitted
    assert done.last_sentence.startswith("metrics of ")
    assert done.lingered_seconds < 30


def test_the_workers_ran_their_own_python_from_another_place(submitted, folder):
    assert "-m pyspark.daemon" in (folder / "python" / "path" / "started").read_text()


@pytest.mark.long
def test_features_equal_those_of_local_mode(night, submitted):
    _, other = submitted
    assert all_differences(night.store, other.store, FEATURE_TABLES) == []


@pytest.mark.long
def test_lists_and_metrics_agree_with_local_mode(night, submitted):
    _, other = submitted
    for method, found in night.metrics["methods"].items():
        there = other.metrics["methods"][method]
        assert abs(found["all"]["ndcg@40"] - there["all"]["ndcg@40"]) <= 0.002, method
    here, there = best_mixed(night.store, 40), best_mixed(other.store, 40)
    assert here.keys() == there.keys()
    overlap = [len(set(here[u]) & set(there[u])) / len(here[u]) for u in here]
    assert np.mean(overlap) >= 0.98


def test_a_typo_in_the_settings_ends_with_code_2_before_spark_starts(standalone, tmp_path):
    done = submit(
        standalone,
        "build_features.py",
        *("--conf", str(CONF), "--set", "als.rnak=3", "--as-of", iso(AS_OF)),
        cwd=tmp_path,
    )
    assert done.code == 2
    assert "als.rnak: unknown key" in done.last_sentence
