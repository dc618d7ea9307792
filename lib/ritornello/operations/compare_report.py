"""What a comparison found, as plain figures: metrics.json, the table for a paper, the report."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello import __version__
from ritornello.as_of import instant
from ritornello.evaluation.beyond import beyond_accuracy, list_qualities
from ritornello.evaluation.bootstrap import bootstrap_means
from ritornello.evaluation.places import item_traits, known_items, places
from ritornello.evaluation.recall import candidate_recall
from ritornello.evaluation.significance import compare
from ritornello.evaluation.strata import UNKNOWN, category_strata, history_strata
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.methods.catalogue import PARTS, RANKER, Option
from ritornello.methods.learnt import calibration
from ritornello.operations.describe import described_plays
from ritornello.operations.evaluation import horizon_name, metrics_report, test_truth
from ritornello.operations.listened import plays_of_kind
from ritornello.operations.methods import count_column
from ritornello.operations.serving import serving_ranker
from ritornello.ranking.matrix import FEATURES
from ritornello.report.latex import table_tex
from ritornello.report.page import report_html
from ritornello.statistics.figures import pictures, statistics

if TYPE_CHECKING:
    from ritornello.operations.compare import Comparison

OURS = (RANKER, "als_pps", *(f"sub_item_{part}" for part in PARTS))
FEWEST_IN_BIN, MOST_BINS = 5, 12
CUTOFFS_COMPARED = (10, 40, 100)
BEYOND = {
    "coverage": "coverage",
    "gini": "gini",
    "novelty": "novelty",
    "personal_novelty": "personalised_novelty",
    "repeat_share": "repeat_share",
    "artists": "artists",
    "popularity_lift_mainstream": "popularity_lift_mainstream",
    "popularity_lift_niche": "popularity_lift_niche",
    "miscalibration": "genre_calibration",
}
Results = dict[str, Any]


def results_of(context: Context, settled: "Comparison", *, data: str) -> Results:
    """Everything the report shows, as JSON can hold it; the shape is in `docs/report.md`."""
    first = settled.split.nights[0]
    with context.step("report", first):
        judged = _evaluations(context, settled).persist()
        results = metrics_report(context, judged, _recall(context, settled, first), first)
        results |= {
            "title": f"{len(settled.methods)} methods on {data}",
            "horizon_days": settled.horizon,
            "protocol": _protocol(context, settled),
            "baselines": [name for name in settled.methods if name not in OURS],
            "intervals": _intervals(judged),
            "gains": _gains(judged, _best(results)),
            "strata": _strata(context, settled, judged, results["methods"]),
            "beyond": _beyond(context, first),
            "statistics": _statistics(context),
            **_tuned(context, settled),
            "feature_importances": _importances(context, first)
            if RANKER in settled.methods
            else None,
            "settings": context.settings.model_dump(mode="json", exclude={"generator", "spark"}),
            "versions": {"ritornello": __version__},
        }
        judged.unpersist()
    results["steps"] = _steps(context)
    return {name: value for name, value in results.items() if value is not None}


def write_results(out: Path, results: Results) -> None:
    """metrics.json, table.tex and report.html, and a pointer to this run beside the folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (out / "table.tex").write_text(table_tex(results), encoding="utf-8")
    (out / "report.html").write_text(report_html(results), encoding="utf-8")
    (out.parent / "latest").write_text(f"{out.name}\n", encoding="utf-8")


def _evaluations(context: Context, settled: "Comparison") -> DataFrame:
    """The rows of this comparison's nights and methods."""
    rows = context.store.read("evaluations")
    return rows.where(
        F.col("as_of").isin(list(settled.split.nights))
        & (F.col("horizon") == horizon_name(settled.horizon))
    )


def _recall(context: Context, settled: "Comparison", as_of: datetime) -> DataFrame | None:
    if not context.store.has("candidates", as_of=as_of):
        return None
    asked = test_truth(context, as_of, horizon=settled.horizon)
    return candidate_recall(context.store.read("candidates", as_of=as_of), asked)


def _protocol(context: Context, settled: "Comparison") -> dict[str, Any]:
    settings = context.settings.compare
    told: dict[str, Any] = {
        "name": settings.protocol,
        "listeners": settled.split.listeners,
        "test_from": iso(settled.split.test),
        "validation_from": iso(settled.split.validation),
        "nights": len(settled.split.nights),
        "options_chosen_on": iso(settled.days.stopping),
        "gains": context.settings.evaluation.gains,
        "items": settings.items,
    }
    return told | ({"draw": settings.draw} if settings.items else {})


def _intervals(judged: DataFrame) -> dict[str, dict[str, list[float]]]:
    columns = [f"ndcg_{k}" for k in CUTOFFS_COMPARED]
    rows = bootstrap_means(judged.where("target = 'all'"), by=["method"], values=columns).collect()
    told: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        told.setdefault(row["method"], {})[row["metric"].replace("_", "@")] = [
            row["low"],
            row["high"],
        ]
    return told


def _best(results: Results) -> str:
    """The method every other is compared with: the ranker, or else the best one."""
    methods = results["methods"]
    best: str = max(methods, key=lambda name: (name == RANKER, methods[name]["all"]["ndcg@40"]))
    return best


def _gains(judged: DataFrame, method: str) -> list[dict[str, Any]]:
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
            "p_value": one.uncorrected_p_value,
            "p_bonferroni": one.p_value,
            "p_wilcoxon": one.wilcoxon_p_value,
        }
        for k in CUTOFFS_COMPARED
        for one in compare(judged, method=method, column=f"ndcg_{k}", comparisons=number)
    ]


def _strata(
    context: Context, settled: "Comparison", judged: DataFrame, methods: Results
) -> list[dict[str, Any]] | None:
    """What the best method gains on the best baseline, by kinds of listeners as of the first night."""
    ours = _best({"methods": methods})
    others = {name: methods[name] for name in methods if name not in (*OURS, ours)}
    if not others:
        return None
    rival = _best({"methods": others})
    pair = judged.where((F.col("target") == "all") & F.col("method").isin(ours, rival))
    value = {
        name: F.avg(F.when(F.col("method") == name, F.col("ndcg_40"))) for name in (ours, rival)
    }
    per_user = pair.groupBy("user_id").agg(value[ours].alias("ndcg"), value[rival].alias("_other"))
    gained = per_user.withColumn("_gain", F.col("ndcg") - F.col("_other"))
    told = (
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
        for row in _fewer_bins(told).orderBy("stratum", "nth", F.desc("n"), "bin").collect()
    ]


def _fewer_bins(told: DataFrame) -> DataFrame:
    """Bins of enough listeners for an interval to say anything, and of each kind the largest."""
    largest = Window.partitionBy("stratum").orderBy(F.desc("n"), "bin")
    kept = told.where(F.col("n") >= FEWEST_IN_BIN)
    return kept.withColumn("_place", F.row_number().over(largest)).where(
        F.col("_place") <= MOST_BINS
    )


def _kinds_of_listeners(context: Context, settled: "Comparison", users: DataFrame) -> DataFrame:
    """The strata of the listeners, by their history and by what they mostly played in the test."""
    store, as_of = context.store, settled.split.nights[0]
    profile = store.read("user_profile", as_of=as_of)
    own = history_strata(users, profile)
    if context.settings.item_kind != "track":
        return own
    later = plays_of_kind(context).where(F.col("played_at") >= instant(as_of))
    tracks = store.read("tracks").withColumnRenamed("track_id", "item_id")
    traits = tracks.select("item_id", "year_category", "domain", "genre_ids")
    return own.unionByName(category_strata(later, traits))


def _beyond(context: Context, as_of: datetime) -> dict[str, dict[str, float]]:
    """Novelty, coverage and the like of every method's lists of one night."""
    store, kind = context.store, context.settings.item_kind
    pairs = store.read("pair_history", as_of=as_of)
    traits = item_traits(store.read("tracks"), item_kind=kind)
    known = known_items(store.read("item_stats", as_of=as_of), pairs, traits).persist()
    laid = places(store.read("method_lists", as_of=as_of), pairs, known, cutoffs=(10, 40)).persist()
    rows = beyond_accuracy(list_qualities(laid, pairs, known), laid, known).collect()
    laid.unpersist()
    known.unpersist()
    told: dict[str, dict[str, float]] = {}
    for row in rows:
        values = {f"{name}@{row['k']}": row[column] for column, name in BEYOND.items()}
        found = {name: value for name, value in values.items() if value is not None}
        told.setdefault(row["method"], {}).update(found)
    return told


def _statistics(context: Context) -> dict[str, Any]:
    plays = described_plays(context, None)
    drawn = pictures(plays)
    return {
        "figures": statistics(plays),
        "long_tail": [{"rank": rank, "plays": count} for rank, count in drawn["long_tail"]],
        "history_length": [
            {"low": b["from"], "high": b["to"], "listeners": b["count"]}
            for b in drawn["history_length"]
        ],
        "repeat_interval": [
            {"low_hours": b["from"], "high_hours": b["to"], "repeats": b["count"]}
            for b in drawn["return_gap"]
        ],
        "hour_weekday": drawn["rhythm"],
    }


def _tuned(context: Context, settled: "Comparison") -> Results:
    """What the day of the tuning showed: eps, the trade-off of sub-items, calibration."""
    trials = [(*_method_and_option(name), found) for name, found in settled.tuned.items()]
    told: Results = {
        "options": {name: option for name, option in settled.options.items() if option is not None},
        "trials": settled.tuned,
        "eps_sweep": [
            {"form": "softmax", "eps": option, **found}
            for name, option, found in trials
            if name == "als_pps"
        ],
        "tradeoff": [
            {"method": name, "setting": f"weight {option:g}", **found}
            for name, option, found in trials
            if name.startswith("sub_item_") and isinstance(option, float)
        ],
    }
    if settled.scale and context.store.has("candidates", as_of=settled.split.nights[0]):
        told["calibration"] = _calibration(context, settled)
    return {name: value for name, value in told.items() if value}


def _method_and_option(label: str) -> tuple[str, Option]:
    name, _, option = label.partition("@")
    try:
        return name, float(option)
    except ValueError:
        return name, option


def _calibration(context: Context, settled: "Comparison") -> list[dict[str, float]]:
    """The logit scale of the tuning day, held against what the candidates of the test came to."""
    store, as_of = context.store, settled.split.nights[0]
    assert settled.scale is not None
    asked = test_truth(context, as_of, horizon=settled.horizon)
    hits = asked.select("user_id", F.explode("all").alias("item_id")).withColumn("label", F.lit(1))
    counts = store.read("pair_history", as_of=as_of).select(
        "user_id", "item_id", F.col(count_column(context)).alias("count")
    )
    judged = (
        store.read("candidates", as_of=as_of)
        .select("user_id", "item_id", "als_score")
        .join(asked.select("user_id"), on="user_id", how="left_semi")
        .join(counts, on=["user_id", "item_id"], how="left")
        .join(hits, on=["user_id", "item_id"], how="left")
        .na.fill({"label": 0})
    )
    rows = calibration(judged, settled.scale).orderBy("low").collect()
    return [row.asDict() for row in rows]


def _importances(context: Context, as_of: datetime) -> list[dict[str, Any]]:
    """The features of the ranker that served, the largest gain first."""
    booster = lightgbm.Booster(model_str=serving_ranker(context, as_of).native_text)
    gains, splits = (booster.feature_importance(kind) for kind in ("gain", "split"))
    rows = zip(FEATURES, gains.tolist(), splits.tolist(), strict=True)
    return [
        {"feature": name, "gain": gain, "splits": count}
        for name, gain, count in sorted(rows, key=lambda row: -row[1])
    ]


def _steps(context: Context) -> list[dict[str, Any]]:
    rows = context.store.read("runs").where(F.col("run_id") == context.run_id)
    return [
        {
            "step": f"{row['step']} {iso(row['as_of'])}" if row["as_of"] else row["step"],
            "seconds": row["seconds"],
            "rows": row["rows"],
        }
        for row in rows.orderBy("started_at").collect()
    ]
