"""Semi-joins before the shuffle: rows of a few keys from a long table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SLOTS = 1 << 24
LEAST_WORDS, MOST_WORDS = 1 << 10, 1 << 21
MOST_BITS = 4


def narrowed(rows: DataFrame, keys: DataFrame, *, on: Sequence[str]) -> DataFrame:
    """Drop rows whose key is certainly not in ``keys``.

    A few false positives remain. Keys are hashed into 16 million slots, and the slots in use are
    broadcast. The broadcast is bounded whatever the number of keys, and no dropped row is shuffled.
    With 100,000 keys 0.6 % of the other rows slip through, with 4 million 21 %: join exactly
    afterwards.
    """
    return in_or_out(rows, keys, on=on)[0]


def in_or_out(
    rows: DataFrame, keys: DataFrame, *, on: Sequence[str]
) -> tuple[DataFrame, DataFrame]:
    """Split rows into those possibly and those certainly not in ``keys``."""
    used = F.broadcast(keys.select(_slot(on)).distinct())
    slotted = rows.withColumn("_slot", _slot(on))
    inside, outside = (slotted.join(used, "_slot", how) for how in ("left_semi", "left_anti"))
    return inside.drop("_slot"), outside.drop("_slot")


def with_slot_value(
    rows: DataFrame, keys: DataFrame, *, on: Sequence[str], value: Column
) -> DataFrame:
    """Add an aggregate over all ``keys`` in the row's slot.

    It is null if no key falls in the slot. A slot may hold several keys, so the value is only a
    bound on what the row's own key has.
    """
    slot_values = F.broadcast(keys.groupBy(_slot(on)).agg(value))
    return rows.withColumn("_slot", _slot(on)).join(slot_values, "_slot", "left").drop("_slot")


@dataclass(frozen=True)
class Sieve:
    """Bloom filter for tens of millions of keys, with few false positives.

    A key sets up to four bits of one 64-bit word. ``bits`` is one row whose column ``_sieve`` holds
    the words. There are 16 to 32 bits for each of the expected keys, 134 million (16 MiB) at most:
    0.5 % of the other rows slip through with 8 million keys, 1 % with 10 million, 6 % with 20
    million, half with 100 million.
    """

    on: Sequence[str]
    words: int
    bits_each: int
    bits: DataFrame

    @classmethod
    def of(cls, keys: DataFrame, *, on: Sequence[str], expected: int) -> "Sieve":
        """Build the sieve of these keys once, and keep it for reuse."""
        words = min(MOST_WORDS, max(LEAST_WORDS, 1 << (expected // 4).bit_length()))
        bits_each = max(1, min(MOST_BITS, 44 * words // max(expected, 1)))
        used = (
            keys.select(_word(on, words), _mask(on, bits_each))
            .groupBy("_word")
            .agg(F.bit_or("_mask").alias("_bits"))
        )
        every = keys.sparkSession.range(words).select(F.col("id").alias("_word"))
        filled = every.join(used, "_word", "left").na.fill(0)
        in_order = F.sort_array(F.collect_list(F.struct("_word", "_bits")))
        bits = filled.agg(in_order["_bits"].alias("_sieve")).localCheckpoint()
        return cls(on, words, bits_each, bits)

    def parts(self, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
        """Split rows into those possibly and those certainly not among the keys."""
        added = {"_word": _word(self.on, self.words), "_mask": _mask(self.on, self.bits_each)}
        is_in = F.col("_sieve")[F.col("_word")].bitwiseAND(F.col("_mask")) == F.col("_mask")
        marked, sieve = rows.withColumns(added), F.broadcast(self.bits)
        inside, outside = (marked.join(sieve, is_in, how) for how in ("left_semi", "left_anti"))
        return inside.drop(*added), outside.drop(*added)


def _slot(on: Sequence[str]) -> Column:
    return F.pmod(F.xxhash64(*on), F.lit(SLOTS)).cast("int").alias("_slot")


def _word(on: Sequence[str], words: int) -> Column:
    return F.pmod(F.xxhash64(F.lit(1), *on), F.lit(words)).cast("int").alias("_word")


def _mask(on: Sequence[str], bits: int) -> Column:
    """Return a long with up to ``bits`` bits set, from six hash bits each."""
    digest, one = F.xxhash64(F.lit(2), *on), F.lit(1).cast("long")
    places = (F.shiftright(digest, 6 * n).bitwiseAND(63).cast("int") for n in range(bits))
    masks = (F.call_function("shiftleft", one, place) for place in places)
    return reduce(lambda some, more: some.bitwiseOR(more), masks).alias("_mask")
