"""Compare two warehouses of the same plays, factors and ranker: features, scores, lists.

    python tests/bench/equal.py <warehouse> <other warehouse> [--jars .jars]

Of every table it prints the rows on both sides, and the share that agrees: candidates exactly,
features and scores within 1e-6 (relative or absolute), places of lists exactly. Exits 1 if less than
99.9 % of anything agrees. The ranker itself may differ in its last digits, so scores are compared only
if both warehouses hold the same models.
"""

import argparse
import sys

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.session import build_session, end_session
from ritornello.settings.session import SparkSettings

CLOSE, ENOUGH = 1e-6, 0.999
PAIR = ["as_of", "user_id", "item_id"]
PLACE = ["as_of", "user_id", "list", "rank"]


def are_close(one: Column, other: Column) -> Column:
    """Whether two numbers agree; NaN agrees with NaN."""
    both = F.isnan(one) & F.isnan(other)
    return both | (F.abs(one - other) <= CLOSE * F.greatest(F.lit(1.0), F.abs(one)))


def arrays_are_close(one: Column, other: Column) -> Column:
    pairs = F.zip_with(one, other, lambda a, b: are_close(a.cast("double"), b.cast("double")))
    return (F.size(one) == F.size(other)) & F.forall(pairs, lambda x: x)


def candidates(table: DataFrame) -> DataFrame:
    """One row per candidate, of either shape of the table."""
    if "item_ids" not in table.columns:
        return table.select(*PAIR)
    return table.select("as_of", "user_id", F.explode("item_ids").alias("item_id"))


def compared(one: DataFrame, other: DataFrame, key: list[str], agree: Column) -> tuple[int, int]:
    """Number of keys on either side, and of those that are on both and agree."""
    joined = one.alias("a").join(other.alias("b"), key, "full")
    row = joined.agg(F.count("*"), F.count(F.when(agree, 1))).first()
    return int(row[0]), int(row[1])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("warehouses", nargs=2, help="folders of tables, e.g. warehouse/track")
    parser.add_argument("--jars", default=".jars")
    given = parser.parse_args(arguments)
    spark = build_session(SparkSettings(jars=given.jars, driver_memory="3g"), name="equal")
    try:
        return print_shares(spark, *given.warehouses)
    finally:
        end_session(spark)


def print_shares(spark: SparkSession, *warehouses: str) -> int:
    def tables(name: str) -> list[DataFrame]:
        return [spark.read.format("delta").load(f"{folder}/{name}") for folder in warehouses]

    models = [{row.native_text for row in one.collect()} for one in tables("models")]
    print("models: " + ("the same" if models[0] == models[1] else "other trees, scores may differ"))
    cases = {
        "candidates": ([candidates(one).withColumn("_", F.lit(1)) for one in tables("candidates")],
                       PAIR, (F.col("a._") == 1) & (F.col("b._") == 1)),
        "features": (tables("samples"), PAIR, arrays_are_close(F.col("a.features"), F.col("b.features"))),
        "labels": (tables("samples"), PAIR, F.col("a.label") == F.col("b.label")),
        "scores": ([one.where("list != 'explored'").withColumnRenamed("track_id", "item_id")
                    for one in tables("recommendations")],
                   [*PAIR, "list"], are_close(F.col("a.score"), F.col("b.score"))),
        "places": (tables("recommendations"), PLACE, F.col("a.track_id") == F.col("b.track_id")),
    }  # fmt: skip
    worst = 1.0
    for name, (frames, key, agree) in cases.items():
        rows, equal = compared(*frames, key, agree)
        share = equal / rows if rows else 1.0
        worst = min(worst, share)
        print(f"{name:<12}{rows:>12,} rows, {share:.4%} agree")
    return int(worst < ENOUGH)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
