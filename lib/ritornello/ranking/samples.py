"""Samples for the ranker: candidates of past days, labelled by later plays."""

from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import between

HASH_RANGE = 1 << 20


def sampled(df: DataFrame, *, share: float, seed: int) -> DataFrame:
    """Keep the rows of a share of the listeners.

    Listeners are drawn by a hash of their id, so the draw is the same every time.
    """
    place = F.pmod(F.xxhash64("user_id", F.lit(seed)), F.lit(HASH_RANGE))
    return df.where(place < int(share * HASH_RANGE))


def labelled(
    rows: DataFrame, plays: DataFrame, *, as_of: datetime, horizon: timedelta
) -> DataFrame:
    """Label feature rows with 1 if the item is played within the horizon.

    The horizon is [as_of, as_of + horizon). All other rows get 0. Listeners without a positive
    among their candidates teach a ranker nothing and are left out.
    """
    played = between(plays, as_of, as_of + horizon).select("user_id", "item_id").distinct()
    positives = played.withColumn("_played", F.lit(1))
    marked = rows.join(positives, ["user_id", "item_id"], "left").withColumn(
        "label", F.coalesce("_played", F.lit(0))
    )
    worth = marked.where(F.col("label") == 1).select("user_id").distinct()
    group = F.shiftleft(F.col("user_id").cast("long"), 32).bitwiseOR(F.lit(int(as_of.timestamp())))
    days = F.lit(horizon / timedelta(days=1))
    return marked.join(worth, "user_id", "left_semi").select(
        "user_id",
        "item_id",
        group.alias("group_id"),
        "label",
        "features",
        days.alias("horizon_days"),
    )
