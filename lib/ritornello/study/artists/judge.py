"""List and judge every method of a trial.

All methods are measured over the same pairs and masks.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.artists.blend import best_lists
from ritornello.artists.features import item_cosines
from ritornello.evaluation.metrics import evaluate
from ritornello.job import Context
from ritornello.methods.learnt import ship_ease
from ritornello.methods.scorers import Linear, MostPopular
from ritornello.methods.shelves import rank_shelves, shelves
from ritornello.models.weighting import weighted
from ritornello.study.artists.inputs import Input
from ritornello.study.artists.learn import LENGTH, as_lists, reranked, rerankers, truth_of
from ritornello.study.artists.propose import bounds
from ritornello.study.artists.trials import STAGES, pairs_of

RIDGE = 100.0  # of 100, 250, 500 and 1000 the best on validation pairs of Last.fm-2K
POPULAR = 2000


def list_test(context: Context, data: Input, trial: str) -> None:
    """Write trial_lists of the stages test and refit."""
    for stage in ("test", "refit"):
        with context.step(f"lists {trial} {stage}"):
            frames = [_als(context, trial, stage), _cosine(context, trial, stage)]
            frames += _reranked(context, data, trial, stage)
            if stage == "test":
                frames.append(_others(context, trial, stage))
            lists = reduce(DataFrame.unionByName, frames)
            context.store.replace("trial_lists", lists, trial=trial, stage=stage)


def _als(context: Context, trial: str, stage: str) -> DataFrame:
    candidates = context.store.read("trial_candidates", trial=trial, recipe="ours", stage=stage)
    lists = best_lists(candidates, by="als_score", keys=["user_id"], length=LENGTH)
    return lists.withColumn("method", F.lit("als"))


def _cosine(context: Context, trial: str, stage: str) -> DataFrame:
    settings, parts = context.settings.artists, STAGES[stage]
    rated = weighted(pairs_of(context, trial, parts.fitted), how=settings.als.weighting)
    scored = item_cosines(rated, bounds=bounds(settings), binary=False)
    known = pairs_of(context, trial, parts.masked)
    unknown = scored.join(known, on=["user_id", "item_id"], how="left_anti")
    lists = best_lists(unknown, by="score", keys=["user_id"], length=LENGTH)
    return lists.withColumn("method", F.lit("item_cosine"))


def _reranked(context: Context, data: Input, trial: str, stage: str) -> list[DataFrame]:
    names = rerankers(context.settings.artists, data)
    chosen = [name for name in names if stage == "test" or name != "published"]
    return [
        best_lists(
            reranked(context, trial, name, stage),
            by="final",
            keys=["user_id"],
            length=LENGTH,
        ).withColumn("method", F.lit(name))
        for name in chosen
    ]


def _others(context: Context, trial: str, stage: str) -> DataFrame:
    """Return lists of the most popular items and of EASE.

    EASE has a bounded catalogue. Both rank the shelves of all comparisons.
    """
    settings, parts = context.settings.artists, STAGES[stage]
    fitted = pairs_of(context, trial, parts.fitted)
    counts = fitted.groupBy("item_id").agg(F.count("*").alias("users"))
    popular = [
        row[0] for row in counts.orderBy(F.desc("users"), "item_id").limit(POPULAR).collect()
    ]
    no_time = fitted.withColumn("last_played_at", F.lit(0).cast("timestamp"))
    masked = pairs_of(context, trial, parts.masked).join(
        fitted, ["user_id", "item_id"], "left_anti"
    )
    nothing = fitted.select("user_id").distinct()
    shelved = shelves(
        no_time,
        nothing.select(
            "user_id",
            F.array().cast("array<int>").alias("item_ids"),
        ),
        columns=[],
    )
    scorers: dict[str, MostPopular | Linear] = {"most_popular": MostPopular()}
    if settings.ease_items > 1:
        file = ship_ease(
            fitted, counts, name=f"{context.run_id}-{trial}-ease",
            catalogue=settings.ease_items, ridges=[RIDGE],
        )  # fmt: skip
        scorers["ease"] = Linear(file, f"ridge_{RIDGE:g}")
    length = LENGTH + 200
    lists = rank_shelves(shelved, scorers, popular=popular, length=length)
    return _without(lists, masked)


def _without(lists: DataFrame, masked: DataFrame) -> DataFrame:
    """Return the unplayed items of shelves' lists without the masked pairs."""
    known = masked.groupBy("user_id").agg(F.collect_list("item_id").alias("_known"))
    joined = lists.join(known, on="user_id", how="left")
    none = F.array().cast("array<int>")
    kept = F.slice(F.array_except("new", F.coalesce("_known", none)), 1, LENGTH)
    listed = joined.select("user_id", "method", kept.alias("items"))
    down = F.transform("items", lambda _, nth: (-nth).cast("double"))
    return listed.select("user_id", "items", down.alias("scores"), "method")


def judge(context: Context, trial: str) -> None:
    """Write trial_evaluations of the stages val, test and refit."""
    for stage in ("val", "test", "refit"):
        with context.step(f"evaluate {trial} {stage}"):
            lists = context.store.read("trial_lists", trial=trial, stage=stage)
            methods = [row[0] for row in lists.select("method").distinct().collect()]
            judged = evaluate(as_lists(lists), truth_of(context, trial, stage), sorted(methods))
            rows = judged.where("target = 'all'").drop("target")
            context.store.replace("trial_evaluations", rows, trial=trial, stage=stage)
