"""Recall of the candidates: how many later plays each source proposed."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts import CANDIDATE_SOURCES


def candidate_recall(candidates: DataFrame, truth: DataFrame) -> DataFrame:
    """One row per (source, target): mean recall over the listeners.

    Only listeners with a test item of the target count. Sources are the candidate sources and their
    union. Recall is hits divided by all test items.
    """
    sources = {"union": F.lit(True)} | {
        name: F.col(f"{name}_rank").isNotNull() for name in CANDIDATE_SOURCES
    }
    proposals = candidates.groupBy("user_id").agg(
        *(
            F.collect_list(F.when(kept, F.col("item_id"))).alias(f"_{name}")
            for name, kept in sources.items()
        )
    )
    judged = truth.join(proposals, on="user_id", how="left")
    rows = [_row(name, target) for name in sources for target in ("all", "repeats", "new")]
    return (
        judged.select(F.explode(F.array(*rows)).alias("_row"))
        .select("_row.*")
        .groupBy("source", "target")
        .agg(F.avg("recall").alias("recall"))
    )


def _row(source: str, target: str) -> Column:
    proposals = F.coalesce(F.col(f"_{source}"), F.array().cast("array<int>"))
    hits = F.size(F.array_intersect(target, proposals))
    recall = F.when(F.size(target) > 0, hits / F.size(target))
    return F.struct(
        F.lit(source).alias("source"), F.lit(target).alias("target"), recall.alias("recall")
    )
