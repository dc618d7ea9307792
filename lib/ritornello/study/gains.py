"""Paired gains and confidence intervals of a comparison, by kinds of listeners."""

from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.evaluation.bootstrap import bootstrap_means
from ritornello.evaluation.significance import compare
from ritornello.evaluation.strata import UNKNOWN, category_strata, history_strata
from ritornello.job import Context
from ritornello.methods.definitions import PARTS, RANKER
from ritornello.night.state.listened import plays_of_kind
from ritornello.study.settled import Settled

OURS = (RANKER, "als_pps", *(f"sub_item_{part}" for part in PARTS))

FEWEST_IN_BIN, MOST_BINS = 5, 12

CUTOFFS_COMPARED = (10, 40, 100)

Results = dict[str, Any]


def confidence_intervals(judged: DataFrame) -> dict[str, dict[str, list[float]]]:
    columns = [f"ndcg_{k}" for k in CUTOFFS_COMPARED]
    rows = bootstrap_means(judged.where("target = 'all'"), by=["method"], values=columns).collect()
    intervals: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        intervals.setdefault(row["method"], {})[row["metric"].replace("_", "@")] = [
            row["low"],
            row["high"],
        ]
    return intervals


def best_method(results: Results) -> str:
    """Return the method that every other is compared with.

    It is the ranker if it takes part, else the best method.
    """
    methods = results["methods"]
    best: str = max(methods, key=lambda name: (name == RANKER, methods[name]["all"]["ndcg@40"]))
    return best


def paired_gains(judged: DataFrame, method: str) -> list[dict[str, Any]]:
    others = judged.where("target = 'all'").select("method").distinct().count() - 1
    number = max(1, others * len(CUTOFFS_COMPARED))
    return [
        {
            "method": method,
            "against": one.against,
            "metric": f"ndcg@{k}",
            "target": "all",
            "gain": one.gain,
            "gain_percent": one.gain_percent,
            "low": one.gain - 1.96 * one.standard_error,
            "high": one.gain + 1.96 * one.standard_error,
            "p_t": one.p_t,
            "p_t_bonferroni": one.p_t_bonferroni,
            "p_wilcoxon_bonferroni": one.p_wilcoxon_bonferroni,
            "comparisons": one.comparisons,
        }
        for k in CUTOFFS_COMPARED
        for one in compare(judged, method=method, column=f"ndcg_{k}", comparisons=number)
    ]


def gains_by_stratum(
    context: Context, settled: Settled, judged: DataFrame, methods: Results
) -> list[dict[str, Any]] | None:
    """Return the best method's gains on the best baseline, by stratum.

    Strata are kinds of listeners as of the first night. Without a baseline the result is None.
    """
    ours = best_method({"methods": methods})
    others = {name: methods[name] for name in methods if name not in (*OURS, ours)}
    if not others:
        return None
    rival = best_method({"methods": others})
    pair = judged.where((F.col("target") == "all") & F.col("method").isin(ours, rival))
    value = {
        name: F.avg(F.when(F.col("method") == name, F.col("ndcg_40"))) for name in (ours, rival)
    }
    per_user = pair.groupBy("user_id").agg(value[ours].alias("ndcg"), value[rival].alias("_other"))
    gained = per_user.withColumn("_gain", F.col("ndcg") - F.col("_other"))
    bins = (
        gained.join(_kinds_of_listeners(context, settled, gained), on="user_id")
        .where(F.col("bin") != UNKNOWN)
        .groupBy("stratum", "nth", "bin")
        .agg(F.count("*").alias("n"), F.avg("ndcg").alias("ndcg"), F.avg("_gain").alias("gain"),
             F.stddev("_gain").alias("spread"))
    )  # fmt: skip
    return [
        {
            "stratum": row["stratum"],
            "bin": row["bin"],
            "method": ours,
            "listeners": row["n"],
            "ndcg@40": row["ndcg"],
            "gain": row["gain"],
            "low": row["gain"] - 1.96 * (row["spread"] or 0.0) / row["n"] ** 0.5,
            "high": row["gain"] + 1.96 * (row["spread"] or 0.0) / row["n"] ** 0.5,
        }
        for row in _fewer_bins(bins).orderBy("stratum", "nth", F.desc("n"), "bin").collect()
    ]


def _fewer_bins(bins: DataFrame) -> DataFrame:
    """Keep the largest bins of each stratum.

    Bins with too few listeners for an interval to say anything are dropped.
    """
    largest = Window.partitionBy("stratum").orderBy(F.desc("n"), "bin")
    kept = bins.where(F.col("n") >= FEWEST_IN_BIN)
    return kept.withColumn("_place", F.row_number().over(largest)).where(
        F.col("_place") <= MOST_BINS
    )


def _kinds_of_listeners(context: Context, settled: Settled, users: DataFrame) -> DataFrame:
    """Return the strata of the listeners by history and by category.

    The category is that of what they mostly played in the test.
    """
    store, as_of = context.store, settled.split.nights[0]
    profile = store.read("user_profile", as_of=as_of)
    own = history_strata(users, profile)
    if context.settings.item_kind != "track":
        return own
    later = plays_of_kind(context).where(F.col("played_at") >= instant(as_of))
    tracks = store.read("tracks").withColumnRenamed("track_id", "item_id")
    traits = tracks.select("item_id", "year_category", "domain", "genre_ids")
    return own.unionByName(category_strata(later, traits))
