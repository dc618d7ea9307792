"""The list explored: the first places of mixed, the last of them drawn by chance from further down."""

from datetime import datetime

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.settings.lists import ExplorationSettings


def with_explored(lists: DataFrame, *, as_of: datetime, settings: ExplorationSettings) -> DataFrame:
    """The rows of ``ranked_lists`` with ``propensity``, and those of the list explored.

    Of its ``places`` the first are mixed's; the last ``slots`` are drawn without replacement from the
    other items among mixed's first ``pool``, all alike, and stand by their place in mixed. The
    ``propensity`` of an item is its chance to be in the list: 1, or slots by items drawn from. A list
    too short for a choice is shown as it is. The same night draws the same.
    """
    if not settings.slots:
        return lists.withColumn("propensity", F.lit(None).cast("double"))
    of_list = Window.partitionBy("user_id", "list")
    rank, is_mixed = F.col("rank"), F.col("list") == "mixed"
    length = F.max(F.when(rank <= settings.pool, rank)).over(of_list)
    slots = F.least(F.lit(settings.slots), length)
    certain = F.least(F.lit(settings.places), length) - slots
    luck = F.xxhash64(F.lit(settings.seed), F.lit(int(as_of.timestamp())), "user_id", "item_id")
    in_pool = (rank > F.col("_certain")) & (rank <= settings.pool)
    drawn = F.row_number().over(of_list.orderBy(F.col("_in_pool").desc(), luck, "item_id"))
    is_shown = is_mixed & (
        (rank <= F.col("_certain")) | (F.col("_in_pool") & (F.col("_drawn") <= F.col("_slots")))
    )
    so_far = of_list.orderBy("rank").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    chance = F.col("_slots") / (F.col("_length") - F.col("_certain"))
    none = F.lit(None).cast("double")
    as_it_is = F.struct("list", "rank", none.alias("propensity"))
    shown = F.struct(
        F.lit("explored").alias("list"),
        F.col("_place").cast("int").alias("rank"),
        F.when(F.col("_in_pool"), chance).otherwise(1.0).alias("propensity"),
    )
    told = (
        lists.withColumns({"_length": length, "_slots": slots, "_certain": certain})
        .withColumn("_in_pool", in_pool)
        .withColumn("_drawn", drawn)
        .withColumn("_shown", is_shown)
        .withColumn("_place", F.sum(F.col("_shown").cast("int")).over(so_far))
    )
    # in one pass: a union would score every candidate once more
    places = F.when(F.col("_shown"), F.array(as_it_is, shown)).otherwise(F.array(as_it_is))
    columns = [name for name in lists.columns if name not in ("list", "rank")]
    return told.select(*columns, F.explode(places).alias("_to")).select(*columns, "_to.*")
