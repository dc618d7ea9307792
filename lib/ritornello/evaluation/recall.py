"""How much of what was played the candidates held, and which source brought it."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts import CANDIDATE_SOURCES


def candidate_recall(candidates: DataFrame, truth: DataFrame) -> DataFrame:
    """One (source, target): mean recall over the listeners with a test item of the target.

    Sources are the candidate sources and their union; recall is hits over all test items.
    """
    sources = {"union": F.lit(True)} | {
        name: F.col(f"{name}_rank").isNotNull() for name in CANDIDATE_SOURCES
    }
    held = candidates.groupBy("user_id").agg(
        *(
            F.collect_list(F.when(kept, F.col("item_id"))).alias(f"_{name}")
            for name, kept in sources.items()
        )
    )
    judged = truth.join(held, on="user_id", how="left")
    rows = [_row(name, target) for name in sources for target in ("all", "repeats", "new")]
    return (
        judged.select(F.explode(F.array(*rows)).alias("_row"))
        .select("_row.*")
        .groupBy("source", "target")
        .agg(F.avg("recall").alias("recall"))
    )


def _row(source: str, target: str) -> Column:
    held = F.coalesce(F.col(f"_{source}"), F.array().cast("array<int>"))
    hits = F.size(F.array_intersect(target, held))
    recall = F.when(F.size(target) > 0, hits / F.size(target))
    return F.struct(
        F.lit(source).alias("source"), F.lit(target).alias("target"), recall.alias("recall")
    )
