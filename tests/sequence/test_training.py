"""Training from shards that Spark wrote, to weights that rank the later plays."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pyspark.sql import SparkSession

pytest.importorskip("jax", reason="run `make sequence-tools` for the sequential models")

from ritornello.sequence.configuration import CONFIGURATIONS
from ritornello.sequence.network import Network, weights_of
from ritornello.sequence.shards import read_shards, write_shards
from ritornello.sequence.training import fit
from sequence.models import TINY

BORDER = datetime(2024, 6, 1, tzinfo=UTC)
IDS = np.arange(10, 110, dtype=np.int32)


@pytest.fixture(scope="module")
def shards(spark, tmp_path_factory):
    """Ten listeners who go round ten items of their own, and one play after the border."""
    folder = tmp_path_factory.mktemp("shards")
    times = [BORDER + timedelta(hours=n - 30) for n in range(31)]
    rows = [(u, [10 + 10 * u + n % 10 for n in range(31)][::-1], times[::-1]) for u in range(10)]
    histories = spark.createDataFrame(
        rows, "user_id int, item_ids array<int>, played_at array<timestamp>"
    )
    assert write_shards(histories, folder, border=BORDER, most_judged=2048, seed=1) == 10
    return folder


def test_shards_give_back_every_history_oldest_first(shards):
    listeners = list(read_shards(shards, IDS))
    assert sorted(one.history.tolist() for one in listeners) == [
        [10 * user + n % 10 for n in range(31)] for user in range(10)
    ]
    for one in listeners:
        assert one.judged
        assert one.early == len(one.training) == 30
        assert one.truth.tolist() == [one.history[0]]
    again = [one.truth[0] for one in read_shards(shards, IDS, random=np.random.default_rng(4))]
    assert sorted(again) == [10 * user for user in range(10)] != again


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("sasrec", {"epochs": 60}),
        ("gated", {"epochs": 60}),
        ("bert4rec", {"epochs": 200, "patience": 60, "mask_share": 0.05}),
    ],
)
def test_ten_listeners_can_be_learnt_by_heart(shards, name, more):
    settings = TINY.model_copy(
        update={
            **{"dropout": 0.0, "learning_rate": 1e-2, "window": 8, "patience": 20},
            **{"negatives": 20, "dimensions": 32, "layers": 1, **more},
        }
    )
    assert fit(CONFIGURATIONS[name], settings, shards, IDS).ndcg == 1.0


def test_a_fit_gives_equal_weights_again_and_they_are_those_of_the_best_epoch(shards):
    settings = TINY.model_copy(update={"epochs": 3, "learning_rate": 1e-2})
    first, second = (fit(CONFIGURATIONS["sasrec_pps"], settings, shards, IDS) for _ in range(2))
    assert first.ndcg == max([ndcg for _, ndcg in first.curve] + [first.ndcg])
    assert first.curve == second.curve
    for name, weights in first.weights.items():
        np.testing.assert_array_equal(weights, second.weights[name])


def test_training_ends_by_the_clock(shards):
    seconds = iter(range(0, 10_000, 30))
    fitted = fit(CONFIGURATIONS["sasrec"], TINY, shards, IDS, clock=lambda: float(next(seconds)))
    assert fitted.ending == "minutes"
    assert fitted.epochs == 1


def test_where_nobody_can_be_judged_the_loss_chooses(shards):
    later = datetime(2030, 1, 1, tzinfo=UTC)
    rows = [(0, [10, 11] * 9, [later - timedelta(days=n) for n in range(1, 19)])]
    settings = TINY.model_copy(update={"epochs": 2})
    histories = SparkSession.active().createDataFrame(
        rows, "user_id int, item_ids array<int>, played_at array<timestamp>"
    )
    folder = shards / "unjudged"
    folder.mkdir()
    assert write_shards(histories, folder, border=later, most_judged=9, seed=1) == 0
    fitted = fit(CONFIGURATIONS["sasrec"], settings, folder, IDS)
    untrained = Network(CONFIGURATIONS["sasrec"], settings, items=len(IDS), seed=settings.seed)
    assert fitted.ndcg == 0
    assert any(
        not np.array_equal(weights, fitted.weights[name])
        for name, weights in weights_of(untrained).items()
    )
