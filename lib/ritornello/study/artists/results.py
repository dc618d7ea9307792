"""Results of all trials together.

They are means over seeds, intervals over listeners, tests, and the artefact.
"""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.evaluation.bootstrap import bootstrap_means
from ritornello.evaluation.metrics import evaluate, means
from ritornello.evaluation.significance import compare
from ritornello.evaluation.truth import truth
from ritornello.job import Context
from ritornello.study.artists.learn import as_lists

METRICS = ("precision", "map", "ndcg")
Figures = dict[str, Any]


def results(context: Context, names: list[str]) -> Figures:
    """Return the dictionary of metrics.json.

    It has the methods on the test, validation, seeds, tests and intervals.
    """
    k = context.settings.artists.k
    judged = context.store.read("trial_evaluations").where(F.col("trial").isin(names))
    test = _of_tests(judged)
    val = judged.where("stage = 'val'")
    methods = _means(test, k)
    return {
        "split": "temporal" if names == ["temporal"] else "random",
        "trials": names,
        "masked": ["train", "val"],
        "k": k,
        "listeners": test.select("user_id").distinct().count(),
        "methods": {name: {"all": values} for name, values in methods.items()},
        "val": {"masked": ["train"], "methods": {n: {"all": t} for n, t in _means(val, k).items()}},
        "summary": {
            "seeds": {name: _means(test.where(F.col("trial") == name), k) for name in names},
            "intervals": _intervals(test, k),
            "tests": _tests(test, k, methods),
        },
    }


def _of_tests(judged: DataFrame) -> DataFrame:
    """Keep the stages test and refit.

    Methods of refit get the suffix _refit.
    """
    named = F.when(F.col("stage") == "refit", F.concat("method", F.lit("_refit")))
    rows = judged.where("stage IN ('test', 'refit')")
    return rows.withColumn("method", named.otherwise(F.col("method")))


def _means(judged: DataFrame, k: int) -> dict[str, dict[str, float]]:
    """Average metrics by method: over each trial's listeners, then over trials."""
    each = judged.groupBy("trial", "method").agg(*(F.avg(f"{m}_{k}").alias(m) for m in METRICS))
    rows = each.groupBy("method").agg(*(F.avg(m).alias(m) for m in METRICS)).orderBy("method")
    return {row["method"]: {f"{m}@{k}": row[m] for m in METRICS} for row in rows.collect()}


def _intervals(test: DataFrame, k: int) -> Figures:
    rows = bootstrap_means(test, by=["method"], values=[f"ndcg_{k}"]).collect()
    return {row["method"]: {f"ndcg@{k}": [row["low"], row["high"]]} for row in rows}


def _tests(test: DataFrame, k: int, methods: dict[str, dict[str, float]]) -> list[Figures]:
    """Test each reranker against ALS fitted on the same parts.

    The tests are paired over listeners.
    """
    tests = []
    for name in methods:
        if not name.startswith(("reranked", "published")):
            continue
        other = "als_refit" if name.endswith("_refit") else "als"
        both = test.where(F.col("method").isin(name, other)).withColumn("target", F.lit("all"))
        for one in compare(both, method=name, column=f"ndcg_{k}"):
            tests.append(
                {
                    "method": name,
                    "against": one.against,
                    f"gain_ndcg@{k}": one.gain,
                    "standard_error": one.standard_error,
                    "p_t": one.p_t,
                    "p_wilcoxon": one.p_wilcoxon,
                    "listeners": one.listeners,
                }
            )
    return tests


def artefact(context: Context, trial: str) -> Figures:
    """Compare ALS and the published blend by both ways of counting.

    Both are judged on the test, by the published way and by ours. As published, ALS is judged
    against all of a listener's test pairs, the blend only against those that its own candidates
    hold, over the listeners who have one: the ideal list is then shorter.
    """
    store, k = context.store, context.settings.artists.k
    lists = store.read("trial_lists", trial=trial, stage="test")
    lists = lists.where(F.col("method").isin("als", "published"))
    rows = store.read("rerank_rows", trial=trial, recipe="published", stage="test")
    hits = rows.where("label = 1").select("user_id", "item_id", F.lit(1.0).alias("gain"))
    kept = truth(hits, hits.limit(0))
    own = means(evaluate(as_lists(lists), kept, ["als", "published"]))
    judged = store.read("trial_evaluations", trial=trial, stage="test")
    all_pairs = _means(judged.where(F.col("method").isin("als", "published")), k)
    among_candidates = {
        row["method"]: {f"{m}@{k}": row[f"{m}_{k}"] for m in METRICS}
        for row in own.where("target = 'all'").collect()
    }
    ndcg = f"ndcg@{k}"
    return {
        "against_all_test_pairs": all_pairs,
        "against_pairs_among_its_candidates": among_candidates,
        "gain_as_published": among_candidates["published"][ndcg] - all_pairs["als"][ndcg],
        "gain_on_one_denominator": all_pairs["published"][ndcg] - all_pairs["als"][ndcg],
    }
