"""The semi-join before the shuffle: rows of a few keys out of a long table."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SLOTS = 1 << 24
LEAST_WORDS, MOST_WORDS = 1 << 10, 1 << 21


def narrowed(rows: DataFrame, keys: DataFrame, *, on: Sequence[str]) -> DataFrame:
    """The rows whose ``on`` stands in ``keys``, and a few others: what surely does not is dropped.

    Keys are hashed into 16 million slots and the slots in use are broadcast. So what travels is
    bounded whatever the number of keys, and none of the dropped rows is shuffled. With 100,000 keys
    0.6 % of the other rows slip through, with 4 million 21 %: join exactly afterwards.
    """
    return in_or_out(rows, keys, on=on)[0]


def in_or_out(
    rows: DataFrame, keys: DataFrame, *, on: Sequence[str]
) -> tuple[DataFrame, DataFrame]:
    """The rows whose ``on`` may stand in ``keys``, and those whose surely does not."""
    slot = F.pmod(F.xxhash64(*on), F.lit(SLOTS)).cast("int").alias("_slot")
    used = F.broadcast(keys.select(slot).distinct())
    slotted = rows.withColumn("_slot", slot)
    inside, outside = (slotted.join(used, "_slot", how) for how in ("left_semi", "left_anti"))
    return inside.drop("_slot"), outside.drop("_slot")


def sieved(
    rows: DataFrame, keys: DataFrame, *, on: Sequence[str], expected: int
) -> tuple[DataFrame, DataFrame]:
    """As ``in_or_out``, for tens of millions of keys: what travels is a Bloom filter of two hashes.

    It has 12 to 24 bits for each of the ``expected`` keys, 134 million (16 MiB) at most: 2 % of the
    other rows slip through with 10 million keys, 60 % with 100 million. It is made at once and kept,
    however often the two parts are read.
    """
    words = min(MOST_WORDS, max(LEAST_WORDS, 1 << (expected * 12 // 64).bit_length()))
    one, two = (F.pmod(F.xxhash64(F.lit(salt), *on), F.lit(64 * words)) for salt in (1, 2))
    used = (
        keys.select(F.explode(F.array(one, two)).alias("_slot"))
        .groupBy(F.shiftright("_slot", 6).alias("_word"))
        .agg(F.bit_or(_bit("_slot")).alias("_bits"))
    )
    every = rows.sparkSession.range(words).select(F.col("id").alias("_word"))
    filled = every.join(used, "_word", "left").na.fill(0)
    in_order = F.sort_array(F.collect_list(F.struct("_word", "_bits")))
    sieve = F.broadcast(filled.agg(in_order["_bits"].alias("_sieve")).localCheckpoint())
    slotted = rows.withColumns({"_one": one, "_two": two})
    is_in = _is_set("_one") & _is_set("_two")
    inside, outside = (slotted.join(sieve, is_in, how) for how in ("left_semi", "left_anti"))
    return inside.drop("_one", "_two"), outside.drop("_one", "_two")


def _bit(slot: str) -> Column:
    return F.expr(f"shiftleft(1L, cast({slot} & 63 AS int))")


def _is_set(slot: str) -> Column:
    return F.col("_sieve")[F.shiftright(slot, 6).cast("int")].bitwiseAND(_bit(slot)) != 0
