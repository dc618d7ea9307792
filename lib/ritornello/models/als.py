"""Matrix factorisation by MLlib: implicit ALS on log1p(plays), factors as tables."""

from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.config import AlsSettings
from ritornello.session import without_adaptive


def ratings(pairs: DataFrame, *, blocks: int) -> DataFrame:
    """One (listener, item) with its implicit weight log1p(plays), in a fixed order and partitions."""
    return (
        pairs.select("user_id", "item_id", F.log1p("plays").cast("float").alias("rating"))
        .repartition(blocks, "user_id")
        .sortWithinPartitions("user_id", "item_id")
    )


def fit_factors(pairs: DataFrame, *, settings: AlsSettings) -> tuple[DataFrame, DataFrame]:
    """Factors of listeners (user_id, factors) and of items (item_id, factors).

    Only what stands in ``pairs`` gets factors; everything else is unknown to the model.
    ``settings.reg`` is scaled by each row's number of ratings (MLlib's ALS-WR).
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
        model = als.fit(ratings(pairs, blocks=settings.blocks))
        users, items = model.userFactors, model.itemFactors
    return (
        users.select(F.col("id").alias("user_id"), F.col("features").alias("factors")),
        items.select(F.col("id").alias("item_id"), F.col("features").alias("factors")),
    )
