import numpy as np
import pytest

from ritornello.evaluation.bootstrap import Replicates, bootstrap_means, weights_of

SCHEMA = "user_id int, method string, ndcg double, map double"


def told(frame):
    return {(row.method, row.metric): row for row in frame.collect()}


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(3).normal(0.3, 0.1, 5000)


@pytest.fixture(scope="module")
def found(spark, values):
    rows = [(u, "a", float(v), None if u else 0.5) for u, v in enumerate(values)]
    rows += [(u, "b", float(v) + 1, None) for u, v in enumerate(values[:4500])]
    table = spark.createDataFrame(rows, SCHEMA)
    return told(bootstrap_means(table, by=["method"], values=["ndcg", "map"]))


def test_the_mean_is_plain_and_the_interval_is_that_of_the_standard_error(found, values):
    row, error = found["a", "ndcg"], values.std() / 5000**0.5
    assert (row.rows, row["mean"]) == (5000, pytest.approx(values.mean()))
    assert row.low == pytest.approx(values.mean() - 1.96 * error, abs=0.25 * error)
    assert row.high == pytest.approx(values.mean() + 1.96 * error, abs=0.25 * error)


def test_the_interval_is_that_of_the_weights_worked_out_in_numpy(found, values):
    """With 4,500 listeners in two tasks each task has two stretches, whose sums are added."""
    weights = weights_of(np.arange(4500), count=1000, seed=7)
    means = weights.T @ (values[:4500] + 1) / weights.sum(axis=0)
    row = found["b", "ndcg"]
    assert (row.low, row.high) == pytest.approx(tuple(np.percentile(means, [2.5, 97.5])))


def test_nulls_stay_out_and_one_listener_has_no_spread(found):
    row = found["a", "map"]
    assert (row.rows, row["mean"], row.low, row.high) == (1, 0.5, 0.5, 0.5)
    assert found["b", "map"]["mean"] is None


def test_rows_of_a_listener_are_drawn_together(spark, values):
    """Every listener four times: the interval is as wide as with one row each, not half of it."""
    rows = [(u, "a", float(v), 0.0) for u, v in enumerate(values[:300])]
    once, four = (
        told(bootstrap_means(spark.createDataFrame(r, SCHEMA), by=["method"], values=["ndcg"]))
        for r in (rows, 4 * rows)
    )
    assert four["a", "ndcg"].rows == 1200
    assert four["a", "ndcg"].low == pytest.approx(once["a", "ndcg"].low)


def test_the_same_rows_give_the_same_interval_on_any_partitions(spark, values):
    table = spark.createDataFrame([(u, "a", float(v), 0.0) for u, v in enumerate(values)], SCHEMA)
    few = Replicates(count=50)
    one, other, reseeded = (
        told(bootstrap_means(frame, by=["method"], values=["ndcg"], replicates=replicates))
        for frame, replicates in (
            (table, few),
            (table.repartition(5), few),
            (table, Replicates(count=50, seed=8)),
        )
    )
    assert one["a", "ndcg"].low == pytest.approx(other["a", "ndcg"].low, rel=1e-12)
    assert one["a", "ndcg"].low != reseeded["a", "ndcg"].low


def test_weights_are_poisson_and_independent_between_listeners_and_replicates():
    weights = weights_of(np.arange(3000), count=500, seed=7)
    shares = np.bincount(weights.astype(int).ravel(), minlength=4) / weights.size
    assert shares[:4] == pytest.approx([0.3679, 0.3679, 0.1839, 0.0613], abs=2e-3)
    assert abs(np.corrcoef(weights[:, 0], weights[:, 1])[0, 1]) < 0.05
    assert abs(np.corrcoef(weights[0], weights[1])[0, 1]) < 0.15
