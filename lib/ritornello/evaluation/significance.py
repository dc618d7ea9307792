"""Paired differences between methods over listeners: t-test and Wilcoxon, Bonferroni, marks."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import stats

from ritornello.evaluation.wilcoxon import signed_ranks


@dataclass(frozen=True)
class Comparison:
    """Gain of one method over another, with its significance.

    Each p is corrected for the number of comparisons, except ``uncorrected_p_value``. ``gain`` and
    its standard error are in units of the metric. ``gain_percent`` is the gain in percent of the
    other method's mean, None where that mean is zero.
    """

    against: str
    gain: float
    standard_error: float
    p_value: float
    gain_percent: float | None = None
    wilcoxon_p_value: float = 1.0
    listeners: int = 0
    uncorrected_p_value: float = 1.0

    @property
    def marks(self) -> str:
        """Return the stars of the t-test's corrected p.

        ``**`` stands for p below .01, ``*`` for p below .05. Otherwise there is none.
        """
        return "**" if self.p_value < 0.01 else "*" if self.p_value < 0.05 else ""


def compare(
    evaluations: DataFrame,
    *,
    method: str,
    column: str = "ndcg_40",
    target: str = "all",
    comparisons: int | None = None,
) -> list[Comparison]:
    """Compare ``method`` with every other one, two-sided.

    The result is ordered by the other method's name. Each p is multiplied by ``comparisons`` (by
    default the number of other methods), and is at most 1. A listener with several rows, say of
    several as-of days, counts once, with their mean. A listener whom only one of the two methods
    has does not count. Sources: paired Student t-test, Wilcoxon signed-rank test. Only one row per
    method comes back from the executors.
    """
    differences = gains(evaluations, method=method, column=column, target=target)
    rows = (
        differences.groupBy("method")
        .agg(
            F.avg("gain").alias("gain"),
            F.stddev("gain").alias("spread"),
            F.avg("base").alias("base"),
            F.count("*").alias("n"),
        )
        .orderBy("method")
        .collect()
    )
    of = len(rows) if comparisons is None else comparisons
    ranks = signed_ranks(differences, by="method", column="gain")
    return [
        Comparison(
            row.method,
            row.gain,
            *_t_test(row.gain, row.spread, row.n, of),
            gain_percent=100 * row.gain / row.base if row.base else None,
            wilcoxon_p_value=min(1.0, of * ranks[row.method].p_value)
            if row.method in ranks
            else 1.0,
            listeners=row.n,
            uncorrected_p_value=_t_test(row.gain, row.spread, row.n, 1)[1],
        )
        for row in rows
    ]


def gains(evaluations: DataFrame, *, method: str, column: str, target: str = "all") -> DataFrame:
    """One row per (listener, other method), with ``base`` and ``gain``.

    ``base`` is the other method's metric, ``gain`` the difference of ``method`` to it. Columns:
    user_id, method (the other one), base, gain. Several rows of a listener are averaged.
    """
    judged = (
        evaluations.where(F.col("target") == target)
        .groupBy("user_id", "method")
        .agg(F.avg(column).alias("base"))
    )
    ours = judged.where(F.col("method") == method).select("user_id", F.col("base").alias("_ours"))
    return (
        judged.where(F.col("method") != method)
        .join(ours, on="user_id", how="inner")
        .select("user_id", "method", "base", (F.col("_ours") - F.col("base")).alias("gain"))
    )


def _t_test(gain: float, spread: float | None, n: int, of: int) -> tuple[float, float]:
    """Return the standard error and the corrected p.

    If all listeners have the same gain the result is certain: p is 0, or 1 if that gain is 0.
    """
    if n < 2 or not spread:
        return 0.0, 1.0 if gain == 0 or n < 2 else 0.0
    error = spread / n**0.5
    return error, min(1.0, 2 * float(stats.t.sf(abs(gain / error), n - 1)) * of)
