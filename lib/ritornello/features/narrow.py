"""The semi-join before the shuffle: rows of a few keys out of a long table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SLOTS = 1 << 24
LEAST_WORDS, MOST_WORDS = 1 << 10, 1 << 21
MOST_BITS = 4


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
    used = F.broadcast(keys.select(_slot(on)).distinct())
    slotted = rows.withColumn("_slot", _slot(on))
    inside, outside = (slotted.join(used, "_slot", how) for how in ("left_semi", "left_anti"))
    return inside.drop("_slot"), outside.drop("_slot")


def with_slot_value(
    rows: DataFrame, keys: DataFrame, *, on: Sequence[str], value: Column
) -> DataFrame:
    """``rows`` with an aggregate over all ``keys`` of their slot: null where no key stands in it.

    A slot may hold several keys, so the value is a bound of what their own key has, not it.
    """
    told = F.broadcast(keys.groupBy(_slot(on)).agg(value))
    return rows.withColumn("_slot", _slot(on)).join(told, "_slot", "left").drop("_slot")


@dataclass(frozen=True)
class Sieve:
    """A Bloom filter that lets the rows of tens of millions of keys through, and few others.

    A key sets up to four bits of one word of 64; ``bits`` is one row, ``_sieve``: the words. There
    are 16 to 32 bits for each of the expected keys, 134 million (16 MiB) at most: 0.5 % of the other
    rows slip through with 8 million keys, 1 % with 10 million, 6 % with 20 million, half with 100.
    """

    on: Sequence[str]
    words: int
    bits_each: int
    bits: DataFrame

    @classmethod
    def of(cls, keys: DataFrame, *, on: Sequence[str], expected: int) -> "Sieve":
        """The sieve of these keys, made at once and kept, however often it is used."""
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
        """The rows whose key may be among the keys, and those whose surely is not."""
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
    """A long with up to ``bits`` bits set, six bits of a hash for each."""
    drawn, one = F.xxhash64(F.lit(2), *on), F.lit(1).cast("long")
    places = (F.shiftright(drawn, 6 * n).bitwiseAND(63).cast("int") for n in range(bits))
    masks = (F.call_function("shiftleft", one, place) for place in places)
    return reduce(lambda some, more: some.bitwiseOR(more), masks).alias("_mask")
