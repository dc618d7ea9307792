"""Wilcoxon's signed-rank test over listeners, with ranks counted on the executors."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from scipy import stats

DECIMALS = 12


@dataclass(frozen=True)
class SignedRanks:
    """Sums over the non-zero differences: number, ranks of the gains, ties."""

    differences: int
    positive_ranks: float
    ties: float

    @property
    def p_value(self) -> float:
        """Return the two-sided p by the normal approximation.

        Ties are taken into account, without continuity correction.
        """
        n = self.differences
        variance = n * (n + 1) * (2 * n + 1) / 24 - self.ties / 48
        if variance <= 0:
            return 1.0
        z = (self.positive_ranks - n * (n + 1) / 4) / variance**0.5
        return min(1.0, 2 * float(stats.norm.sf(abs(z))))


def signed_ranks(differences: DataFrame, *, by: str, column: str) -> dict[str, SignedRanks]:
    """Compute the sums of the test for every value of ``by``.

    A value with only zeros is absent. ``differences`` has a row per listener and ``by``. Zeros and
    nulls do not count (Wilcoxon 1945), and equal sizes share their mean rank. Sizes are rounded to
    twelve decimals first, since what is equal on paper may differ in the last bits. Equal sizes are
    counted first. The running sum over sizes then needs one sorted task per value of ``by``, whose
    rows are at most its listeners: it streams, spills to disk, and leaves one row per value for the
    driver.
    """
    sized = differences.select(by, F.round(column, DECIMALS).alias("_gain"))
    counted = (
        sized.where(F.col("_gain") != 0)
        .groupBy(by, F.abs("_gain").alias("_size"))
        .agg(F.count("*").alias("_tied"), F.sum((F.col("_gain") > 0).cast("long")).alias("_up"))
    )
    smaller = Window.partitionBy(by).orderBy("_size").rowsBetween(Window.unboundedPreceding, -1)
    before = F.coalesce(F.sum("_tied").over(smaller), F.lit(0))
    ranked = counted.withColumn("_rank", before + (F.col("_tied") + 1) / 2)
    tied = F.col("_tied").cast("double")
    sums = ranked.groupBy(by).agg(
        F.sum("_tied").alias("n"),
        F.sum(F.col("_up") * F.col("_rank")).alias("positive"),
        F.sum(tied * tied * tied - tied).alias("ties"),
    )
    return {row[by]: SignedRanks(row.n, row.positive, row.ties) for row in sums.collect()}
