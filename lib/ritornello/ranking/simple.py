"""Rank by one count where there is too little to learn a ranker from.

Two listeners teach LambdaRank nothing: on two listeners of a private log it reached .872 NDCG@40 where
the plain count has .954. So the best count on past days serves instead.
"""

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.evaluation.metrics import LENGTH, METRIC_COLUMNS, metrics_of
from ritornello.ranking.columns import FEATURES
from ritornello.ranking.past_counts import COUNTS
from ritornello.ranking.ranker import SIMPLE, Ranker
from ritornello.tables.contracts import CUTOFFS

JUDGED = [f"ndcg_{k}" for k in CUTOFFS]


def simple_ranker(feature: str = COUNTS[0]) -> Ranker:
    """Return a ranker by one feature, and by ALS for items without it."""
    return Ranker(f"{SIMPLE}{feature}", 0)


def counts_in_samples(samples: DataFrame) -> DataFrame:
    """Return the played items of samples: group_id, item_id, label, and a column per count."""
    at = {name: F.col("features")[FEATURES.index(name)] for name in COUNTS}
    played = samples.where(~F.isnan(at["log_plays"]))
    return played.select("group_id", "item_id", "label", *(at[name].alias(name) for name in COUNTS))


def best_simple(counts: DataFrame) -> tuple[Ranker, dict[str, float]]:
    """Choose the count with the best NDCG@40 for played items of past days.

    Returns its metrics as well, as means over the listeners of each day who played one of their items
    again. Equal counts are taken in the order of COUNTS. Equal items are taken in the order of their
    ids.
    """
    schema = ", ".join(["count string", *(f"{name} double" for name in JUDGED)])
    judged = counts.groupBy("group_id").applyInPandas(_judged, schema).groupBy("count")
    means = judged.agg(F.count("*").alias("groups"), *(F.avg(name).alias(name) for name in JUDGED))
    rows = {row["count"]: row for row in means.collect()}
    if not rows:
        return simple_ranker(), {}
    best = max(COUNTS, key=lambda name: rows[name]["ndcg_40"])
    metrics = {f"ndcg@{k}": float(rows[best][f"ndcg_{k}"]) for k in CUTOFFS}
    return simple_ranker(best), {"listeners": float(rows[best]["groups"]), **metrics}


def _judged(group: pd.DataFrame) -> pd.DataFrame:
    """One row per count with its NDCG, for one listener and day."""
    labels = group["label"].to_numpy(np.float64)
    positives = int(labels.sum())
    gains = np.zeros((len(COUNTS), LENGTH))
    for nth, name in enumerate(COUNTS):
        best_first = np.lexsort((group["item_id"], -group[name]))[:LENGTH]
        gains[nth, : len(best_first)] = labels[best_first]
    best = np.broadcast_to(np.arange(LENGTH) < positives, gains.shape).astype(np.float64)
    values = metrics_of(gains, best, np.full(len(COUNTS), positives, dtype=np.int32))
    named = dict(zip(METRIC_COLUMNS, values, strict=True))
    judged = pd.DataFrame({"count": COUNTS, **{name: named[name] for name in JUDGED}})
    return judged if positives else judged[:0]


def listeners_to_learn_from(training: DataFrame) -> int:
    """Count the listeners with a positive label."""
    row = training.where("label > 0").agg(F.count_distinct("user_id")).first()
    return int(row[0]) if row else 0
