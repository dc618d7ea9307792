"""Matrix factorisation by MLlib: implicit ALS on weighted plays, factors as tables."""

from pyspark.ml.recommendation import ALS
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.models.weighting import weighted
from ritornello.session import without_adaptive
from ritornello.settings.lists import AlsSettings


def ratings(pairs: DataFrame, *, weighting: str, blocks: int) -> DataFrame:
    """One row per (listener, item): its implicit weight, in fixed order and partitions."""
    return (
        weighted(pairs, how=weighting)
        .select("user_id", "item_id", F.col("rating").cast("float").alias("rating"))
        .repartition(blocks, "user_id")
        .sortWithinPartitions("user_id", "item_id")
    )


def fit_factors(pairs: DataFrame, *, settings: AlsSettings) -> tuple[DataFrame, DataFrame]:
    """Fit factors of listeners (user_id, factors) and of items (item_id, factors).

    Only listeners and items in ``pairs`` get factors. All others are unknown to the model.
    ``settings.reg`` is scaled by each row's number of ratings above 0 (MLlib's ALS-WR).
    """
    als = ALS(
        userCol="user_id",
        itemCol="item_id",
        ratingCol="rating",
        implicitPrefs=True,
        rank=settings.rank,
        maxIter=settings.iterations,
        regParam=settings.reg,
        alpha=settings.alpha,
        numUserBlocks=settings.blocks,
        numItemBlocks=settings.blocks,
        seed=settings.seed,
        checkpointInterval=-1,
        coldStartStrategy="drop",
    )
    with without_adaptive(pairs.sparkSession):
        model = als.fit(ratings(pairs, weighting=settings.weighting, blocks=settings.blocks))
        users, items = model.userFactors, model.itemFactors
    return (
        users.select(F.col("id").alias("user_id"), F.col("features").alias("factors")),
        items.select(F.col("id").alias("item_id"), F.col("features").alias("factors")),
    )


def as_cosine(
    users: DataFrame, items: DataFrame, plays: DataFrame, *, pop_blend: float
) -> tuple[DataFrame, DataFrame]:
    """Rescale factors so that dot products blend cosine and popularity.

    The dot product is (1 - pop_blend) cosine + pop_blend log1p(plays) / its maximum. Factors gain
    one dimension: the listener's holds ``pop_blend``, the item's its popularity in [0, 1].
    ``plays`` has item_id and plays. An item without plays has popularity 0 (formulas: B1.3).
    """
    top = plays.agg(F.max(F.log1p("plays")).alias("_top"))
    popularity = plays.crossJoin(F.broadcast(top)).select(
        "item_id", (F.log1p("plays") / F.col("_top")).alias("_popularity")
    )
    of_users = F.concat(_unit(1.0 - pop_blend), F.array(F.lit(pop_blend).cast("float")))
    of_items = F.concat(_unit(1.0), F.array(F.coalesce("_popularity", F.lit(0.0)).cast("float")))
    return (
        users.select("user_id", of_users.alias("factors")),
        items.join(popularity, on="item_id", how="left").select(
            "item_id", of_items.alias("factors")
        ),
    )


def norm() -> Column:
    """Return the length of ``factors``."""
    squares = F.transform("factors", lambda x: x.cast("double") * x)
    return F.sqrt(F.aggregate(squares, F.lit(0.0), lambda total, x: total + x))


def _unit(length: float) -> Column:
    """Scale ``factors`` to a length. A vector of zeros stays one."""
    scale = F.when(norm() > 0, F.lit(length) / norm()).otherwise(F.lit(0.0))
    return F.transform("factors", lambda x: (x * scale).cast("float"))
