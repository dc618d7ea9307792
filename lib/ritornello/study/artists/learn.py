"""Fit the rerankers of a trial on its validation pairs.

They are cross-fitted where they are to be judged on these pairs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.artists.blend import best_lists, blended
from ritornello.artists.features import FEATURES, OURS, PUBLISHED, SIDE
from ritornello.evaluation.metrics import evaluate, means
from ritornello.evaluation.truth import truth
from ritornello.job import Context
from ritornello.ranking.ranker import Ranker, fit_ranker, score
from ritornello.scratch import scratch
from ritornello.settings.lists import RankerSettings
from ritornello.settings.study import ArtistSettings
from ritornello.study.artists.inputs import Input
from ritornello.study.artists.trials import STAGES, pairs_of

HALVES = 2
PUBLISHED_SETTINGS = RankerSettings(  # B1.7
    trees=2000,
    leaves=31,
    learning_rate=0.05,
    min_rows_in_leaf=50,
    feature_share=0.9,
    bagging_share=0.9,
    l2=1.0,
    early_stopping_rounds=100,
    truncation=30,
    seed=42,
)
LENGTH = 100


@dataclass(frozen=True)
class Reranker:
    """A method with a ranker: whose candidates it orders, its features and blend."""

    recipe: str
    features: tuple[str, ...]
    raw_blend: bool = False


RERANKERS: Mapping[str, Reranker] = {
    "published": Reranker("published", PUBLISHED, raw_blend=True),
    "reranked": Reranker("ours", PUBLISHED + OURS),
    "reranked_side": Reranker("ours", PUBLISHED + OURS + SIDE),
}


def rerankers(settings: ArtistSettings, data: Input) -> dict[str, Reranker]:
    """Return the rerankers that the settings and the data allow."""
    left_out = set() if settings.published else {"published"}
    if not (data.has_friends or data.has_tags):
        left_out.add("reranked_side")
    return {name: one for name, one in RERANKERS.items() if name not in left_out}


def rows_of(context: Context, trial: str, method: Reranker, stage: str) -> DataFrame:
    """Return rerank_rows with the features that the method knows."""
    slice_ = {"trial": trial, "recipe": method.recipe, "stage": stage}
    rows = context.store.read("rerank_rows", **slice_)
    chosen = [F.col("features")[FEATURES.index(name)] for name in method.features]
    return rows.select(
        "user_id", "item_id", "group_id", "label", F.array(*chosen).alias("features")
    )


def learn(context: Context, data: Input, trial: str) -> None:
    """Write trial_models of one trial, and the validation lists of each model."""
    settings = context.settings.artists
    frames: list[DataFrame] = []
    for name, method in rerankers(settings, data).items():
        with context.step(f"rerank {trial} {name}"), scratch() as scratchpad:
            val = rows_of(context, trial, method, "val")
            fit = _fit_published if name == "published" else _fit_ours
            ranker, scored = fit(context, trial, method, val)
            blends = scratchpad.keep(
                _blends(context, trial, method, "val", scored, alphas=settings.alphas)
            )
            sweep = _sweep(context, trial, blends)
            alpha = best_alpha(sweep)
            row = _row(context, name, method, ranker, sweep, alpha)
            context.store.replace("trial_models", row, trial=trial, method=name)
            best = _named_lists(blends.where(F.col("alpha") == alpha), name)
            frames.append(best.localCheckpoint())
    lists = frames[0]
    for more in frames[1:]:
        lists = lists.unionByName(more)
    context.store.replace("trial_lists", lists, trial=trial, stage="val")


def _fit_published(
    context: Context, trial: str, method: Reranker, val: DataFrame
) -> tuple[Ranker, DataFrame]:
    """Fit as published: training pairs are the labels, and validation stops early."""
    training = _teaching(rows_of(context, trial, method, "train"))
    ranker = fit_ranker(training, _teaching(val), settings=PUBLISHED_SETTINGS)
    return ranker, score(val, ranker)


def _fit_ours(
    context: Context, trial: str, method: Reranker, val: DataFrame
) -> tuple[Ranker, DataFrame]:
    """Fit a ranker on validation, and score validation by cross-fitting.

    Each half of the listeners is scored by a ranker that was fitted on the other half. The returned
    ranker is fitted on both halves. Its number of trees is the mean of the two, so that neither half
    chooses it alone.
    """
    settings = context.settings.artists.ranker
    half = F.pmod(F.xxhash64("user_id", F.lit(settings.seed)), F.lit(HALVES))
    halves = [val.where(half == nth) for nth in range(HALVES)]
    fitted = [
        fit_ranker(_teaching(halves[nth]), _teaching(halves[1 - nth]), settings=settings)
        for nth in range(HALVES)
    ]
    scored = score(halves[1], fitted[0]).unionByName(score(halves[0], fitted[1]))
    trees = max(1, round(sum(one.best_iteration for one in fitted) / HALVES))
    whole = settings.model_copy(update={"trees": trees})
    return fit_ranker(_teaching(val), None, settings=whole), scored


def _teaching(rows: DataFrame) -> DataFrame:
    """Keep listeners with a true pair among their candidates, as others teach nothing."""
    teachers = rows.where("label = 1").select("user_id").distinct()
    return rows.join(teachers, on="user_id", how="left_semi")


def _blends(
    context: Context,
    trial: str,
    method: Reranker,
    stage: str,
    scored: DataFrame,
    *,
    alphas: list[float],
) -> DataFrame:
    """One row per (user_id, item_id, alpha) with ``final``.

    It blends the ranker's score of the scored rows with the ALS score.
    """
    slice_ = {"trial": trial, "recipe": method.recipe, "stage": stage}
    als = context.store.read("trial_candidates", **slice_)
    both = scored.withColumnRenamed("score", "ranker_score").join(
        als.select("user_id", "item_id", "als_score"), on=["user_id", "item_id"], how="inner"
    )
    return blended(both, alphas=alphas, raw=method.raw_blend)


def _sweep(context: Context, trial: str, blends: DataFrame) -> list[dict[str, float]]:
    """Return precision, map and ndcg at k for each alpha on validation."""
    k = context.settings.artists.k
    lists = best_lists(blends, by="final", keys=["user_id", "alpha"], length=LENGTH)
    targets = truth_of(context, trial, "val")
    named = {str(alpha): alpha for alpha in context.settings.artists.alphas}
    judged = evaluate(as_lists(lists.withColumn("method", F.col("alpha").cast("string"))), targets,
                      list(named))  # fmt: skip
    rows = means(judged).where("target = 'all'").collect()
    metrics = ("precision", "map", "ndcg")
    sweep = [
        {"alpha": named[row["method"]], **{f"{m}@{k}": row[f"{m}_{k}"] for m in metrics}}
        for row in rows
    ]
    return sorted(sweep, key=lambda one: one["alpha"])


def best_alpha(sweep: list[dict[str, float]]) -> float:
    """Return the alpha of the best NDCG on validation.

    Equal values go to the smaller alpha.
    """
    key = next(name for name in sweep[0] if name.startswith("ndcg"))
    return max(sweep, key=lambda one: (one[key], -one["alpha"]))["alpha"]


def truth_of(context: Context, trial: str, stage: str) -> DataFrame:
    """Return the truth of a stage: every pair of its part, none masked."""
    pairs = pairs_of(context, trial, (STAGES[stage].truth,))
    known = pairs_of(context, trial, STAGES[stage].masked)
    return truth(pairs.select("user_id", "item_id", F.lit(1.0).alias("gain")), known)


def as_lists(lists: DataFrame) -> DataFrame:
    """Return ``items`` as the lists that ``evaluate`` reads, all of them new."""
    nothing = F.array().cast("array<int>")
    return lists.select(
        "user_id",
        "method",
        F.col("items").alias("mixed"),
        nothing.alias("repeats"),
        F.col("items").alias("new"),
    )


def _row(
    context: Context,
    name: str,
    method: Reranker,
    ranker: Ranker,
    sweep: list[dict[str, float]],
    alpha: float,
) -> DataFrame:
    used = PUBLISHED_SETTINGS if name == "published" else context.settings.artists.ranker
    values = (
        list(method.features),
        ranker.best_iteration,
        alpha,
        used.model_dump_json(),
        "\n".join(json.dumps(one) for one in sweep),
        ranker.native_text,
    )
    schema = (
        "features array<string>, trees int, alpha double, settings string, sweep string, "
        "native_text string"
    )
    return context.spark.createDataFrame([values], schema)


def _named_lists(blends: DataFrame, name: str) -> DataFrame:
    lists = best_lists(blends, by="final", keys=["user_id"], length=LENGTH)
    return lists.withColumn("method", F.lit(name))


def reranked(
    context: Context, trial: str, name: str, stage: str, *, alphas: list[float] | None = None
) -> DataFrame:
    """One row per (user_id, item_id, alpha) of a stage with ``final``.

    A stored reranker scores the rows. Without ``alphas``, its alpha is the one that validation
    chose.
    """
    method = RERANKERS[name]
    stored = context.store.read("trial_models", trial=trial, method=name).first()
    assert stored is not None
    scored = score(
        rows_of(context, trial, method, stage), Ranker(stored["native_text"], stored["trees"])
    )
    return _blends(context, trial, method, stage, scored, alphas=alphas or [stored["alpha"]])
