"""Findings of a comparison beyond accuracy: novelty, tuning, calibration, importances."""

from datetime import datetime
from typing import Any

import lightgbm
from pyspark.sql import functions as F

from ritornello.evaluation.beyond import beyond_accuracy, list_qualities
from ritornello.evaluation.places import item_traits, known_items, places
from ritornello.job import Context
from ritornello.methods.definitions import Option
from ritornello.methods.learnt import calibration
from ritornello.night.judging.day import count_column
from ritornello.night.judging.evaluate import test_truth
from ritornello.night.lists.recommend import serving_ranker
from ritornello.ranking.columns import FEATURES
from ritornello.statistics.figures import pictures, statistics
from ritornello.study.describe import described_plays
from ritornello.study.gains import Results
from ritornello.study.settled import Settled

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


def beyond_of_night(context: Context, as_of: datetime) -> dict[str, dict[str, float]]:
    """Measure novelty, coverage and the like of one night's lists, by method."""
    store, kind = context.store, context.settings.item_kind
    pairs = store.read("pair_history", as_of=as_of)
    traits = item_traits(store.read("tracks"), item_kind=kind)
    known = known_items(store.read("item_stats", as_of=as_of), pairs, traits).persist()
    list_places = places(
        store.read("method_lists", as_of=as_of), pairs, known, cutoffs=(10, 40)
    ).persist()
    rows = beyond_accuracy(list_qualities(list_places, pairs, known), list_places, known).collect()
    list_places.unpersist()
    known.unpersist()
    by_method: dict[str, dict[str, float]] = {}
    for row in rows:
        values = {f"{name}@{row['k']}": row[column] for column, name in BEYOND.items()}
        figures = {name: value for name, value in values.items() if value is not None}
        by_method.setdefault(row["method"], {}).update(figures)
    return by_method


def statistics_of_plays(context: Context) -> dict[str, Any]:
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


def tuning_figures(context: Context, settled: Settled) -> Results:
    """Collect the figures of the day of the tuning.

    They are the options and trials, the eps sweep, the trade-off of sub-items, and the calibration.
    Empty ones are left out.
    """
    trials = [(*_method_and_option(name), metrics) for name, metrics in settled.tuned.items()]
    figures: Results = {
        "options": {name: option for name, option in settled.options.items() if option is not None},
        "trials": settled.tuned,
        "eps_sweep": [
            {"form": "softmax", "eps": option, **metrics}
            for name, option, metrics in trials
            if name == "als_pps"
        ],
        "tradeoff": [
            {"method": name, "setting": f"weight {option:g}", **metrics}
            for name, option, metrics in trials
            if name.startswith("sub_item_") and isinstance(option, float)
        ],
    }
    if settled.scale and context.store.has("candidates", as_of=settled.split.nights[0]):
        figures["calibration"] = _calibration(context, settled)
    return {name: value for name, value in figures.items() if value}


def _method_and_option(label: str) -> tuple[str, Option]:
    name, _, option = label.partition("@")
    try:
        return name, float(option)
    except ValueError:
        return name, option


def _calibration(context: Context, settled: Settled) -> list[dict[str, float]]:
    """Compare the tuning day's logit scale with the outcomes of the test's candidates."""
    store, as_of = context.store, settled.split.nights[0]
    assert settled.scale is not None
    truth = test_truth(context, as_of, horizon=settled.horizon)
    hits = truth.select("user_id", F.explode("all").alias("item_id")).withColumn("label", F.lit(1))
    counts = store.read("pair_history", as_of=as_of).select(
        "user_id", "item_id", F.col(count_column(context)).alias("count")
    )
    als_score = F.col("_one.als_scores").cast("double")
    judged = (
        store.read("candidates", as_of=as_of)
        .select("user_id", F.explode(F.arrays_zip("item_ids", "als_scores")).alias("_one"))
        .select("user_id", F.col("_one.item_ids").alias("item_id"), als_score.alias("als_score"))
        .join(truth.select("user_id"), on="user_id", how="left_semi")
        .join(counts, on=["user_id", "item_id"], how="left")
        .join(hits, on=["user_id", "item_id"], how="left")
        .na.fill({"label": 0})
    )
    rows = calibration(judged, settled.scale).orderBy("low").collect()
    return [row.asDict() for row in rows]


def feature_importances(context: Context, as_of: datetime) -> list[dict[str, Any]]:
    """Return the features of the ranker that served, largest gain first."""
    ranker = serving_ranker(context, as_of)
    if ranker.feature is not None:
        return [{"feature": ranker.feature, "gain": 1.0, "splits": 0}]
    booster = lightgbm.Booster(model_str=ranker.native_text)
    gains, splits = (booster.feature_importance(kind) for kind in ("gain", "split"))
    rows = zip(FEATURES, gains.tolist(), splits.tolist(), strict=True)
    return [
        {"feature": name, "gain": gain, "splits": count}
        for name, gain, count in sorted(rows, key=lambda row: -row[1])
    ]
