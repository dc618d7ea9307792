import lightgbm
import numpy as np
import pytest

from ritornello.errors import FitFailedError
from ritornello.ranking.ranker import Ranker, fit_ranker, score
from ritornello.ranking.validation import validation_metrics
from ritornello.settings.lists import RankerSettings

SETTINGS = RankerSettings(trees=30, leaves=7, early_stopping_rounds=5, tasks=2, min_rows_in_leaf=5)
SAMPLES = "group_id long, user_id int, item_id int, label int, features array<float>"


def samples(spark, groups: range, noise: int = 3):
    """Ten items a group; what is played follows the second feature only."""
    draw = np.random.default_rng(noise)
    rows = []
    for group in groups:
        quality = draw.normal(size=10)
        played = quality > np.quantile(quality, 0.7)
        rows += [
            (
                group << 16,
                group,
                item,
                int(played[item]),
                [float(draw.normal()), float(q), float("nan")],
            )
            for item, q in enumerate(quality)
        ]
    return spark.createDataFrame(rows, SAMPLES)


@pytest.fixture(scope="module")
def ranker(spark) -> Ranker:
    return fit_ranker(
        samples(spark, range(1, 121)), samples(spark, range(200, 240), noise=4), settings=SETTINGS
    )


def test_the_ranker_learns_what_makes_items_played(spark, ranker):
    scored = score(samples(spark, range(300, 310), noise=5), ranker).toPandas()
    best = scored.sort_values("score", ascending=False).groupby("user_id").head(3)
    assert best["label"].mean() > 0.9


def test_a_fit_repeats(spark, ranker):
    again = fit_ranker(
        samples(spark, range(1, 121)), samples(spark, range(200, 240), noise=4), settings=SETTINGS
    )
    assert again == ranker


def test_batches_score_like_the_native_model(spark, ranker):
    table = samples(spark, range(300, 303), noise=5)
    scored = score(table, ranker).toPandas().sort_values(["user_id", "item_id"])
    rows = table.toPandas().sort_values(["user_id", "item_id"])
    native = lightgbm.Booster(model_str=ranker.native_text)
    assert native.num_trees() == ranker.best_iteration > 0
    expected = native.predict(np.array(rows["features"].tolist()))
    assert np.abs(scored["score"].to_numpy() - expected).max() == 0.0


def test_spark_s_own_model_scores_the_same(spark, ranker):
    from pyspark.ml.functions import array_to_vector
    from synapse.ml.lightgbm import LightGBMRankerModel

    table = samples(spark, range(300, 303), noise=5)
    model = LightGBMRankerModel.loadNativeModelFromString(ranker.native_text)
    judged = model.transform(table.withColumn("features", array_to_vector("features")))
    theirs = judged.select("user_id", "item_id", "prediction").toPandas()
    ours = score(table, ranker).toPandas()
    both = ours.merge(theirs, on=["user_id", "item_id"])
    assert len(both) == 30
    assert np.abs(both["score"] - both["prediction"]).max() == 0.0


def test_a_fit_that_dies_is_a_clear_error(spark):
    broken = samples(spark, range(1, 40)).selectExpr(
        "group_id", "user_id", "item_id", "label + 40 as label", "features"
    )  # labels of 31 and more have no gain
    with pytest.raises(FitFailedError, match="could not be trained"):
        fit_ranker(
            broken,
            samples(spark, range(200, 210)),
            settings=SETTINGS.model_copy(update={"attempts": 1}),
        )


def test_validation_judges_by_the_positives_among_the_candidates(spark, ranker):
    told = validation_metrics(samples(spark, range(300, 320), noise=5), ranker)
    worst = validation_metrics(
        samples(spark, range(300, 320), noise=5).selectExpr(
            "group_id", "user_id", "item_id", "1 - label as label", "features"
        ),
        ranker,
    )
    assert told["listeners"] == 20
    assert worst["ndcg@5"] < 0.6 < 0.9 < told["ndcg@5"] <= 1
