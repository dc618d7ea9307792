"""Paired differences between methods: t-test over listeners, Bonferroni over the comparisons."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import stats


@dataclass(frozen=True)
class Comparison:
    """How one method does against another: the mean gain, its standard error, a corrected p."""

    against: str
    gain: float
    standard_error: float
    p_value: float


def compare(
    evaluations: DataFrame, *, method: str, column: str = "ndcg_40", target: str = "all"
) -> list[Comparison]:
    """``method`` against every other one, two-sided; p times the number of comparisons, at most 1.

    Source: paired Student t-test. Only one row per method comes back from the executors.
    """
    judged = evaluations.where(F.col("target") == target).select("user_id", "method", column)
    ours = judged.where(F.col("method") == method).select("user_id", F.col(column).alias("_ours"))
    gain = F.col("_ours") - F.col(column)
    told = (
        judged.where(F.col("method") != method)
        .join(ours, on="user_id", how="inner")
        .groupBy("method")
        .agg(F.avg(gain).alias("gain"), F.stddev(gain).alias("spread"), F.count("*").alias("n"))
        .orderBy("method")
        .collect()
    )
    return [_comparison(row.method, row.gain, row.spread, row.n, len(told)) for row in told]


def _comparison(against: str, gain: float, spread: float | None, n: int, of: int) -> Comparison:
    if n < 2 or not spread:
        return Comparison(against, gain, 0.0, 1.0 if gain == 0 or n < 2 else 0.0)
    error = spread / n**0.5
    p_value = 2 * float(stats.t.sf(abs(gain / error), n - 1))
    return Comparison(against, gain, error, min(1.0, p_value * of))
