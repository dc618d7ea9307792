"""List ``explored``: mixed's first places, the last of them drawn by chance."""

from datetime import datetime

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from ritornello.settings.lists import ExplorationSettings


def with_explored(lists: DataFrame, *, as_of: datetime, settings: ExplorationSettings) -> DataFrame:
    """Add ``propensity``, and the rows of the list ``explored``.

    The list has ``places`` places. The first are those of mixed. The last ``slots`` are drawn
    without replacement and with equal chances from the other items among mixed's first ``pool``,
    and are ordered by their place in mixed. The ``propensity`` of an item is its chance to be in
    the list: 1, or slots divided by the number of items drawn from. It is null in all other lists.
    A list too short for a choice is shown as it is. The same night draws the same items.
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
    draw = F.row_number().over(of_list.orderBy(F.col("_in_pool").desc(), luck, "item_id"))
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
    rows = (
        lists.withColumns({"_length": length, "_slots": slots, "_certain": certain})
        .withColumn("_in_pool", in_pool)
        .withColumn("_drawn", draw)
        .withColumn("_shown", is_shown)
        .withColumn("_place", F.sum(F.col("_shown").cast("int")).over(so_far))
    )
    # in one pass: a union would score every candidate once more
    places = F.when(F.col("_shown"), F.array(as_it_is, shown)).otherwise(F.array(as_it_is))
    columns = [name for name in lists.columns if name not in ("list", "rank")]
    return rows.select(*columns, F.explode(places).alias("_to")).select(*columns, "_to.*")
