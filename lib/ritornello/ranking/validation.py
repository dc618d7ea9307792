"""Quality of a ranker on samples it did not learn from, by our evaluator."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.evaluation.metrics import evaluate
from ritornello.ranking.ranker import Ranker, score
from ritornello.tables.contracts import CUTOFFS

METHOD = "ranker"


def validation_metrics(samples: DataFrame, ranker: Ranker) -> dict[str, float]:
    """Compute mean NDCG over the listeners of ``samples``.

    The positives among the candidates are the truth. LightGBM's own NDCG during the fit only stops
    the trees. The figure that is kept is this one.
    """
    best_first = Window.partitionBy("user_id").orderBy(F.desc("score"), "item_id")
    ranked = score(samples.select("user_id", "item_id", "label", "features"), ranker).withColumn(
        "rank", F.row_number().over(best_first)
    )
    by_rank = F.when(F.col("rank") <= max(CUTOFFS), F.struct("rank", "item_id"))
    per_user = ranked.groupBy("user_id").agg(
        F.sort_array(F.collect_list(by_rank))["item_id"].alias("mixed"),
        F.collect_list(F.when(F.col("label") == 1, F.col("item_id"))).alias("all"),
    )
    per_user = per_user.localCheckpoint()  # scored once, for the lists and for the truth
    nothing = F.array().cast("array<int>")
    lists = per_user.select(
        "user_id",
        F.lit(METHOD).alias("method"),
        "mixed",
        nothing.alias("repeats"),
        nothing.alias("new"),
    )
    no_gains = F.array().cast("array<double>")
    truth = per_user.select(
        "user_id",
        "all",
        nothing.alias("repeats"),
        nothing.alias("new"),
        F.transform("all", lambda _: F.lit(1.0)).alias("all_gains"),
        no_gains.alias("repeats_gains"),
        no_gains.alias("new_gains"),
    )
    means = evaluate(lists, truth, [METHOD]).agg(
        F.count("*").cast("double").alias("listeners"),
        *(F.avg(f"ndcg_{k}").alias(f"ndcg@{k}") for k in CUTOFFS),
    )
    row = means.first()
    assert row is not None
    return {name: float(value or 0.0) for name, value in row.asDict().items()}
