"""Choose options of methods on a day before the test.

Everyone gets the same number of trials.
"""

from collections.abc import Mapping
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.evaluation.metrics import evaluate, means
from ritornello.job import Context
from ritornello.methods.definitions import ALL_METHODS, Option
from ritornello.methods.learnt import LogitScale, logit_scale
from ritornello.night.judging.day import Day, Wanted, label, open_day
from ritornello.night.judging.evaluate import test_truth
from ritornello.night.judging.lists import lists_of_methods
from ritornello.ranking.columns import FEATURES
from ritornello.ranking.days import Days
from ritornello.ranking.samples import sampled
from ritornello.tables.contracts import HALF_LIVES_DAYS

# measured beside the trials for the pictures, and never chosen
EPS_SWEEP = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
WEIGHT_SWEEP = (4.0, 8.0)
Judged = dict[str, dict[str, float]]


def tune(
    context: Context, days: Days, names: list[str], *, scale: LogitScale | None, from_samples: bool
) -> tuple[dict[str, Option | None], Judged]:
    """Return every method's best option and all that was measured.

    The best option has the highest NDCG@40 on the stopping day. Listeners are those of the samples
    that this comparison built (``from_samples``), else a hash sample. Samples that an earlier
    comparison left in the same warehouse are never used.
    """
    as_of = days.stopping
    wanted: dict[str, tuple[Option | None, ...]] = {
        name: ALL_METHODS[name].trials for name in names if ALL_METHODS[name].trials
    }
    for name in wanted:
        more = EPS_SWEEP if name == "als_pps" else WEIGHT_SWEEP if "sub_item" in name else ()
        wanted[name] = tuple(dict.fromkeys((*wanted[name], *more)))
    with context.step("tune", as_of):
        judged = _judged(context, days, wanted, scale, from_samples) if wanted else {}
    best: dict[str, Option | None] = dict.fromkeys(names)
    for name in wanted:
        trials = ALL_METHODS[name].trials
        best[name] = max(trials, key=lambda option: judged[label(name, option)]["ndcg@40"])
    context.console.print(
        f"  options by what {as_of:%Y-%m-%d} showed: {in_words(best)}", highlight=False
    )
    return best, judged


def in_words(best: Mapping[str, Option | None]) -> str:
    """Name the chosen options as people read them."""
    return ", ".join(f"{name} {option}" for name, option in best.items() if option is not None)


def _judged(
    context: Context, days: Days, wanted: Wanted, scale: LogitScale | None, from_samples: bool
) -> Judged:
    day = _past_day(context, days.stopping, from_samples)
    day.slope = scale.slope if scale else 1.0
    lists = lists_of_methods(day, wanted, length=100)
    horizon = days.horizon.total_seconds() / 86_400
    truth = day.of(test_truth(context, days.stopping, horizon=horizon))
    methods = [label(name, option) for name, options in wanted.items() for option in options]
    kept = lists.persist()
    rows = means(evaluate(kept, truth, methods)).where("target = 'all'").collect()
    novel = {row["method"]: row["share"] for row in _novelty(kept, day.pairs).collect()}
    kept.unpersist()
    return {
        r["method"]: {
            "ndcg@10": r["ndcg_10"],
            "ndcg@40": r["ndcg_40"],
            "personalised_novelty@40": novel[r["method"]],
        }
        for r in rows
    }


def _novelty(lists: DataFrame, pairs: DataFrame) -> DataFrame:
    """One row per method with the mean share of new items.

    The share is that of the first 40 items that their listener had never played.
    """
    known = pairs.groupBy("user_id").agg(F.collect_list("item_id").alias("_known"))
    top = F.slice("mixed", 1, 40)
    share = F.size(F.array_except(top, "_known")) / F.size(top)
    return (
        lists.join(known, on="user_id")
        .groupBy("method")
        .agg(F.coalesce(F.avg(F.when(F.size(top) > 0, share)), F.lit(0.0)).alias("share"))
    )


def _past_day(context: Context, as_of: datetime, from_samples: bool) -> Day:
    store = context.store
    if not from_samples:
        settings = context.settings
        number = store.read("user_profile", as_of=as_of).count()
        share = min(1.0, settings.compare.tuning_listeners / max(1, number))
        return open_day(
            context, as_of, of=lambda df: sampled(df, share=share, seed=settings.ranker.seed)
        )
    rows = samples_as_candidates(store.read("samples", as_of=as_of))
    users = rows.select("user_id").distinct()
    return open_day(
        context,
        as_of,
        of=lambda df: df.join(users, on="user_id", how="left_semi"),
        candidates=rows,
        lists=_als_lists(rows),
    )


def samples_as_candidates(samples: DataFrame) -> DataFrame:
    """Select what the comparison needs from the samples of a day.

    From their features that is als_score, is_repeat and the decayed counts. Missing features are
    NaN in the matrix and null here.
    """
    return samples.select(
        "user_id",
        "item_id",
        "label",
        _feature("als_score").alias("als_score"),
        _feature("log_plays").isNotNull().alias("is_repeat"),
        *(
            (F.exp(_feature(f"log_decayed_{d}d")) - 1e-6).alias(f"decayed_{d}d")
            for d in HALF_LIVES_DAYS
        ),
    )


def _feature(name: str) -> Column:
    value = F.col("features")[FEATURES.index(name)].cast("double")
    return F.when(~F.isnan(value), value)


def _als_lists(rows: DataFrame) -> DataFrame:
    """Return the samples' ALS scores in the shape of `als_lists`."""
    scored = rows.where(F.col("als_score").isNotNull())
    best = F.struct((-F.col("als_score")).alias("s"), F.col("item_id").alias("i"))
    kinds = {"repeat": F.col("is_repeat"), "new": ~F.col("is_repeat")}
    arrays = [
        F.sort_array(F.collect_list(F.when(kept, best))).alias(name) for name, kept in kinds.items()
    ]
    return scored.groupBy("user_id").agg(*arrays).select(
        "user_id",
        *(F.col(name)["i"].alias(f"{name}_items") for name in kinds),
        *(F.transform(name, lambda x: (-x["s"]).cast("float")).alias(f"{name}_scores") for name in kinds),
    )  # fmt: skip


def scale_of(context: Context, days: Days, count_column: str) -> LogitScale:
    """Fit ALS scores to a logit scale.

    The fit uses the outcomes of the stopping day's candidates.
    """
    rows = samples_as_candidates(context.store.read("samples", as_of=days.stopping))
    judged = rows.select("als_score", F.col(count_column).alias("count"), "label")
    return logit_scale(judged)
