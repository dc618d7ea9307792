"""The semi-join before the shuffle: rows of a few keys out of a long table."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

SLOTS = 1 << 24


def narrowed(rows: DataFrame, keys: DataFrame, *, on: Sequence[str]) -> DataFrame:
    """The rows whose ``on`` stands in ``keys``, and a few others: what surely does not is dropped.

    Keys are hashed into 16 million slots and the slots in use are broadcast. So what travels is
    bounded whatever the number of keys, and none of the dropped rows is shuffled. With 100,000 keys
    0.6 % of the other rows slip through, with 4 million 21 %: join exactly afterwards.
    """
    slot = F.pmod(F.xxhash64(*on), F.lit(SLOTS)).cast("int").alias("_slot")
    used = keys.select(slot).distinct()
    return (
        rows.withColumn("_slot", slot).join(F.broadcast(used), "_slot", "left_semi").drop("_slot")
    )
