"""Recall of the candidates: how many later plays each source proposed."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts import CANDIDATE_SOURCES


def candidate_recall(candidates: DataFrame, truth: DataFrame) -> DataFrame:
    """One row per (source, target): mean recall over the listeners.

    Only listeners with a test item of the target count. Sources are the candidate sources and their
    union. ``candidates`` is a slice of that table. Recall is hits divided by all test items.
    """
    sources = {"union": F.col("item_ids")} | {
        name: _proposed_by(name) for name in CANDIDATE_SOURCES
    }
    proposals = candidates.select(
        "user_id", *(items.alias(f"_{name}") for name, items in sources.items())
    )
    judged = truth.join(proposals, on="user_id", how="left")
    rows = [_row(name, target) for name in sources for target in ("all", "repeats", "new")]
    return (
        judged.select(F.explode(F.array(*rows)).alias("_row"))
        .select("_row.*")
        .groupBy("source", "target")
        .agg(F.avg("recall").alias("recall"))
    )


def _proposed_by(source: str) -> Column:
    """Return the items with a rank by the source."""
    ranks = f"{source}_ranks"
    both = F.filter(F.arrays_zip("item_ids", ranks), lambda one: one[ranks].isNotNull())
    return both["item_ids"]


def _row(source: str, target: str) -> Column:
    proposals = F.coalesce(F.col(f"_{source}"), F.array().cast("array<int>"))
    hits = F.size(F.array_intersect(target, proposals))
    recall = F.when(F.size(target) > 0, hits / F.size(target))
    return F.struct(
        F.lit(source).alias("source"), F.lit(target).alias("target"), recall.alias("recall")
    )
