"""The statistics of any listening data: fifteen published figures, repeats, gaps, pictures.

Only counts of counts (how many items have n plays) are brought to the driver: with N plays there
are at most sqrt(2 N) different ones, 25,000 for 300 million. Times are UTC.
"""

import math
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.arrays import Ints64
from ritornello.features.decay import seconds_between

Bins = list[dict[str, float]]
POINTS = 200
BINS_PER_DECADE = 5
HOUR_SECONDS = 3600.0


def statistics(plays: DataFrame) -> dict[str, Any]:
    """Compute the figures that `docs/metrics.md` describes.

    ``plays`` has user_id, item_id, played_at and weight. Events with a weight of zero or less are
    only counted, as ``negative_actions``: they add no item, no listener and no play. A figure
    without a play to compute it from is None.
    """
    heard = plays.where(F.col("weight") > 0)
    lengths, tail = counts_of_counts(heard, "user_id"), counts_of_counts(heard, "item_id")
    pairs = heard.groupBy("user_id", "item_id").count().count()
    moments = heard.groupBy("user_id", "played_at").count().count()
    actions = int((lengths[:, 0] * lengths[:, 1]).sum())
    listeners, items = int(lengths[:, 1].sum()), int(tail[:, 1].sum())
    cells = listeners * items
    return {
        "listeners": listeners,
        "items": items,
        "actions": actions,
        **_lengths(lengths),
        "pairs": pairs,
        "listener_times": moments,
        "items_below_5": int(tail[tail[:, 0] < 5, 1].sum()),
        "sparsity": 1 - pairs / cells if cells else None,
        "density": pairs / cells if cells else None,
        "repeat_share": 1 - pairs / actions if actions else None,
        "return_gap_median_days": _median_days(return_gaps(heard)),
        "negative_actions": plays.where(F.col("weight") <= 0).count(),
    }


def pictures(plays: DataFrame) -> dict[str, Any]:
    """Compute the data of the pictures of the same plays.

    long_tail: [rank, plays] at most 200 ranks, spaced evenly in their logarithm; history_length and
    return_gap: bins {from, to, count} of plays and of hours, five a decade, from ≤ x < to; rhythm:
    plays by weekday (Monday first) and hour, UTC.
    """
    heard = plays.where(F.col("weight") > 0)
    return {
        "long_tail": long_tail(counts_of_counts(heard, "item_id")),
        "history_length": log_bins(counts_of_counts(heard, "user_id")),
        "return_gap": gap_bins(return_gaps(heard)),
        "rhythm": rhythm(heard),
    }


def counts_of_counts(plays: DataFrame, of: str) -> Ints64:
    """Count how many ``of`` have n plays.

    Rows are [n, count], with n ascending.
    """
    counted = plays.groupBy(of).agg(F.count("*").alias("n")).groupBy("n").agg(F.count("*"))
    return np.array(sorted(tuple(row) for row in counted.collect()), np.int64).reshape(-1, 2)


def quantile(counts: Ints64, q: float) -> float | None:
    """Compute the q-quantile of counts of counts, interpolated between neighbours.

    The interpolation is linear. Without counts it is None.
    """
    if not len(counts):
        return None
    ends = counts[:, 1].cumsum()
    at = q * (int(ends[-1]) - 1)
    low, high = (
        counts[np.searchsorted(ends, place, "right"), 0] for place in (int(at), math.ceil(at))
    )
    return float(low + (at - int(at)) * (high - low))


def _lengths(lengths: Ints64) -> dict[str, Any]:
    n, many = lengths[:, 0], lengths[:, 1]
    return {
        "length_mean": float((n * many).sum() / many.sum()) if len(n) else None,
        "length_median": quantile(lengths, 0.5),
        "length_min": int(n.min()) if len(n) else None,
        "length_max": int(n.max()) if len(n) else None,
        "length_p80": quantile(lengths, 0.8),
        **{f"listeners_from_{least}": int(many[n >= least].sum()) for least in (10, 20, 50)},
    }


def long_tail(counts: Ints64) -> list[list[int]]:
    """Return [rank, plays of the item at that rank], the most played first."""
    if not len(counts):
        return []
    down = counts[::-1]
    ends = down[:, 1].cumsum()
    ranks = np.unique(np.geomspace(1, ends[-1], POINTS).round().astype(np.int64))
    plays = down[np.searchsorted(ends, ranks), 0]
    return [[int(rank), int(n)] for rank, n in zip(ranks, plays, strict=True)]


def log_bins(counts: Ints64) -> Bins:
    """Bin the counts of counts, without empty bins at either end."""
    nth = np.floor(BINS_PER_DECADE * np.log10(counts[:, 0]) + 1e-9).astype(int)
    return _bins({int(n): int(counts[nth == n, 1].sum()) for n in np.unique(nth)})


def _bins(counted: dict[int, int]) -> Bins:
    return [
        {
            "from": 10 ** (n / BINS_PER_DECADE),
            "to": 10 ** ((n + 1) / BINS_PER_DECADE),
            "count": counted.get(n, 0),
        }
        for n in (range(min(counted), max(counted) + 1) if counted else ())
    ]


def return_gaps(plays: DataFrame) -> DataFrame:
    """One row per return of a listener to an item, in ``seconds``.

    These are the seconds between two consecutive plays of the item by the listener, at least 1.
    """
    in_time = Window.partitionBy("user_id", "item_id").orderBy("played_at")
    gap = seconds_between(F.lag("played_at").over(in_time), F.col("played_at"))
    gaps = plays.select(gap.alias("seconds")).where(F.col("seconds").isNotNull())
    return gaps.select(F.greatest("seconds", F.lit(1.0)).alias("seconds"))


def gap_bins(gaps: DataFrame) -> Bins:
    """Bin the returns by hours."""
    hours = F.col("seconds") / HOUR_SECONDS
    nth = F.floor(BINS_PER_DECADE * F.log10(hours) + 1e-9).cast("int")
    rows = gaps.groupBy(nth.alias("nth")).agg(F.count("*").alias("many")).collect()
    return _bins({row.nth: row.many for row in rows})


def _median_days(gaps: DataFrame) -> float | None:
    """Compute the lower median, exact to 1 in 10,000 of the returns."""
    row = gaps.agg(F.percentile_approx("seconds", 0.5, 10_000).alias("median")).first()
    return None if row is None or row.median is None else row.median / (24 * HOUR_SECONDS)


def rhythm(plays: DataFrame) -> list[list[int]]:
    """Count plays by weekday and hour of day.

    The result has seven rows of 24 counts, Monday first.
    """
    counted = plays.groupBy(
        F.weekday("played_at").alias("weekday"), F.hour("played_at").alias("hour")
    ).agg(F.count("*").alias("many"))
    week = np.zeros((7, 24), np.int64)
    for row in counted.collect():
        week[row.weekday, row.hour] = row.many
    return [[int(many) for many in day] for day in week]
