"""Paired differences between methods over listeners: t-test and Wilcoxon, Bonferroni, marks."""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import stats

from ritornello.arrays import Floats64

DECIMALS = 12  # sizes that are equal on paper may differ in the last bits
TESTED = (
    "method string, gain double, standard_error double, base double, listeners long, "
    "p_t double, p_wilcoxon double"
)


@dataclass(frozen=True)
class Comparison:
    """Gain of one method over another, with its significance.

    ``p_t`` is of the t-test. The names with ``bonferroni`` are multiplied by ``comparisons``, the
    others are not corrected. ``gain`` and its standard error are in units of the metric.
    ``gain_percent`` is the gain in percent of the other method's mean, None where that mean is zero.
    """

    against: str
    gain: float
    standard_error: float
    p_t_bonferroni: float
    gain_percent: float | None = None
    p_wilcoxon_bonferroni: float = 1.0
    listeners: int = 0
    p_t: float = 1.0
    p_wilcoxon: float = 1.0
    comparisons: int = 1

    @property
    def marks(self) -> str:
        """Return the stars of the t-test's corrected p.

        ``**`` stands for p below .01, ``*`` for p below .05. Otherwise there is none.
        """
        return "**" if self.p_t_bonferroni < 0.01 else "*" if self.p_t_bonferroni < 0.05 else ""


class PairedTests(NamedTuple):
    """Mean difference with its standard error, and the p of both tests, not corrected."""

    gain: float
    standard_error: float
    p_t: float
    p_wilcoxon: float


def compare(
    evaluations: DataFrame,
    *,
    method: str,
    column: str = "ndcg_40",
    target: str = "all",
    comparisons: int | None = None,
) -> list[Comparison]:
    """Compare ``method`` with every other one, two-sided.

    The result is ordered by the other method's name. Each corrected p is multiplied by
    ``comparisons`` (by default the number of other methods), and is at most 1. A listener with
    several rows, say of several as-of days, counts once, with their mean. A listener whom only one
    of the two methods has does not count. The tests run where the rows are, one task per method:
    only one row per method comes back from the executors.
    """
    pairs = paired(evaluations, method=method, column=column, target=target)
    rows = pairs.groupBy("method").applyInPandas(_tested, TESTED).orderBy("method").collect()
    of = len(rows) if comparisons is None else comparisons
    return [
        Comparison(
            row.method,
            row.gain,
            row.standard_error,
            p_t_bonferroni=min(1.0, of * row.p_t),
            gain_percent=100 * row.gain / row.base if row.base else None,
            p_wilcoxon_bonferroni=min(1.0, of * row.p_wilcoxon),
            listeners=row.listeners,
            p_t=row.p_t,
            p_wilcoxon=row.p_wilcoxon,
            comparisons=of,
        )
        for row in rows
    ]


def paired(evaluations: DataFrame, *, method: str, column: str, target: str = "all") -> DataFrame:
    """One row per (listener, other method), with the metric of both.

    Columns: user_id, method (the other one), ours, base (the other method's). Several rows of a
    listener are averaged.
    """
    judged = (
        evaluations.where(F.col("target") == target)
        .groupBy("user_id", "method")
        .agg(F.avg(column).alias("base"))
    )
    ours = judged.where(F.col("method") == method).select("user_id", F.col("base").alias("ours"))
    others = judged.where(F.col("method") != method).join(ours, on="user_id", how="inner")
    return others.select("user_id", "method", "ours", "base")


def _tested(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one row with the tests of one method's pairs."""
    ordered = pairs.sort_values("user_id")  # sums must not depend on the shuffle
    ours, base = (ordered[name].to_numpy(np.float64) for name in ("ours", "base"))
    named = {"method": ordered["method"].iloc[0], "base": base.mean(), "listeners": len(base)}
    row = pd.DataFrame([named | paired_tests(ours, base)._asdict()])
    return row[[column.split()[0] for column in TESTED.split(", ")]]


def paired_tests(ours: Floats64, base: Floats64) -> PairedTests:
    """Test the differences of pairs by Student's t and Wilcoxon's signed ranks.

    Wilcoxon's test rounds sizes to twelve decimals, leaves zeros out and shares the ranks of ties;
    its p is the normal approximation without continuity correction. If all differences are the same
    the t-test is certain: p is 0, or 1 if that difference is 0. A single pair proves nothing.
    """
    differences = ours - base
    gain, rounded = float(differences.mean()), differences.round(DECIMALS)
    p_wilcoxon = 1.0
    if rounded.any():
        signed = stats.wilcoxon(
            rounded, zero_method="wilcox", correction=False, method="asymptotic"
        )
        p_wilcoxon = float(signed.pvalue)
    if len(differences) < 2 or np.ptp(differences) == 0:
        certain = len(differences) > 1 and gain != 0
        return PairedTests(gain, 0.0, 0.0 if certain else 1.0, p_wilcoxon)
    with warnings.catch_warnings():  # nearly equal differences are no reason for a warning
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        p_t = float(stats.ttest_rel(ours, base).pvalue)
    return PairedTests(gain, float(stats.sem(differences)), p_t, p_wilcoxon)
