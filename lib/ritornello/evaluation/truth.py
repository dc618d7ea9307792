"""What was really played after the as-of instant, and which of it was new to the listener."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def truth(test_plays: DataFrame, pairs: DataFrame) -> DataFrame:
    """One listener with a test play: distinct test items, split into played before and new.

    Columns: user_id, all, repeats, new (arrays of item ids; their order means nothing).
    ``pairs`` is the history as of the instant at which ``test_plays`` begin.
    """
    known = pairs.select("user_id", "item_id", F.lit(True).alias("_known"))
    items = test_plays.select("user_id", "item_id").distinct()
    marked = items.join(known, on=["user_id", "item_id"], how="left")
    known_item = F.when(F.col("_known"), F.col("item_id"))
    new_item = F.when(F.col("_known").isNull(), F.col("item_id"))
    return marked.groupBy("user_id").agg(
        F.collect_list("item_id").alias("all"),
        F.collect_list(known_item).alias("repeats"),
        F.collect_list(new_item).alias("new"),
    )
