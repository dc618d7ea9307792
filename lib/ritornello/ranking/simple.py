"""Rank by one count where there is too little to learn a ranker from.

Two listeners teach LambdaRank nothing: on two listeners of a private log it reached .872 NDCG@40 where
the plain count has .954. So the best count on past days serves instead.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.ranking.ranker import SIMPLE, Ranker
from ritornello.ranking.validation import validation_metrics
from ritornello.tables.contracts import HALF_LIVES_DAYS, LAST_PLAYS

COUNTS = (
    "log_decayed_30d",  # the first one serves where there is no past day to choose on
    *(f"log_decayed_{days}d" for days in HALF_LIVES_DAYS if days != 30),
    *(f"plays_in_last_{n}" for n in LAST_PLAYS),
    "log_plays",
)


def simple_ranker(feature: str = COUNTS[0]) -> Ranker:
    """Return a ranker by one feature, and by ALS for items without it."""
    return Ranker(f"{SIMPLE}{feature}", 0)


def best_simple(samples: DataFrame) -> tuple[Ranker, dict[str, float]]:
    """Choose the count with the best NDCG@40 on past samples.

    Returns its metrics as well.

    Equal ones are taken in the order of COUNTS.
    """
    kept = samples.localCheckpoint()
    tried = [(ranker, validation_metrics(kept, ranker)) for ranker in map(simple_ranker, COUNTS)]
    return max(tried, key=lambda one: one[1]["ndcg@40"])


def listeners_to_learn_from(training: DataFrame) -> int:
    """Count the listeners with a positive label."""
    row = training.where("label > 0").agg(F.count_distinct("user_id")).first()
    return int(row[0]) if row else 0
