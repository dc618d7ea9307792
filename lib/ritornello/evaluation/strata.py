"""Strata of listeners.

They show for whom a method is good. A stratum is a way to divide listeners (history_length,
repeat_share, era, domain, genre). Each listener of the truth is in exactly one bin of each.
"""

from collections.abc import Sequence
from itertools import pairwise

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

HISTORY_EDGES = (24, 100, 300, 1_000, 3_000, 10_000)
REPEAT_EDGES = (0.25, 0.5, 0.75)
UNKNOWN = "unknown"


def history_strata(
    listeners: DataFrame,
    profile: DataFrame,
    *,
    history_edges: Sequence[float] = HISTORY_EDGES,
    repeat_edges: Sequence[float] = REPEAT_EDGES,
) -> DataFrame:
    """One row per (listener, stratum), for history length and repeat share.

    The bins are as of D. Columns: user_id, stratum, nth (place of the bin, from 0), bin ("100-300"
    holds 100 and not 300). ``profile`` comes from ``user_profile``. A listener without a history
    has 0 plays and is in the bin "unknown" of repeat_share, nth -1.
    """
    known = listeners.select("user_id").distinct().join(profile, on="user_id", how="left")
    plays = F.coalesce(F.col("plays"), F.lit(0))
    bins = F.array(
        _binned("history_length", plays, history_edges),
        _binned("repeat_share", F.col("repeat_rate"), repeat_edges),
    )
    return known.select("user_id", F.explode(bins).alias("_bin")).select("user_id", "_bin.*")


def _binned(stratum: str, value: Column, edges: Sequence[float]) -> Column:
    nth = sum((F.when(value >= edge, 1).otherwise(0) for edge in edges), F.lit(0))
    names = F.array(*map(F.lit, bin_names(edges)))
    known = value.isNotNull()
    return F.struct(
        F.lit(stratum).alias("stratum"),
        F.when(known, nth).otherwise(-1).alias("nth"),
        F.when(known, names[nth]).otherwise(UNKNOWN).alias("bin"),
    )


def bin_names(edges: Sequence[float]) -> list[str]:
    """Return the names of the bins between edges.

    A bin includes its lower edge and excludes its upper one.
    """
    labels = [f"{edge:g}" if edge < 1 else f"{edge:.0f}" for edge in edges]
    between = (f"{low}-{high}" for low, high in pairwise(labels))
    return [f"<{labels[0]}", *between, f">={labels[-1]}"]


def category_strata(test_plays: DataFrame, traits: DataFrame) -> DataFrame:
    """One row per (listener, kind of category), with the category they play most.

    It is the one that most of their test plays fall in. Columns: user_id, stratum (era, domain,
    genre), nth (0, unknown -1), bin. ``test_plays`` has a row per test play, ``traits`` item_id,
    year_category, domain, genre_ids. A play of several genres is split evenly over them. Equal
    shares go to the smaller name. "unknown" is the bin of a listener none of whose test plays has a
    category. Metrics remain those of the whole list: a bin describes listeners who mostly play such
    items, not such items alone.
    """
    names = F.array_distinct(F.transform("genre_ids", lambda genre: genre.cast("string")))
    kinds = F.array(
        _kind("era", F.array("year_category")),
        _kind("domain", F.array("domain")),
        _kind("genre", F.coalesce(names, F.array().cast("array<string>"))),
    )
    played = test_plays.select("user_id", "item_id").join(traits, on="item_id", how="left")
    each = played.select("user_id", F.explode(kinds).alias("_kind")).select("user_id", "_kind.*")
    split = each.select("user_id", "stratum", "_part", F.explode_outer("_names").alias("_name"))
    return _majority(split)


def _kind(stratum: str, names: Column) -> Column:
    kept = F.filter(names, lambda name: name.isNotNull())
    return F.struct(
        F.lit(stratum).alias("stratum"),
        (1 / F.greatest(F.size(kept), F.lit(1))).alias("_part"),
        kept.alias("_names"),
    )


def _majority(split: DataFrame) -> DataFrame:
    weighed = split.groupBy("user_id", "stratum", "_name").agg(F.sum("_part").alias("_sum"))
    # rounded, since six sixths of a play are less than one play in the last bits
    order = F.struct((-F.round("_sum", 9)).alias("minus"), F.col("_name").alias("name"))
    first = F.min(F.when(F.col("_name").isNotNull(), order))["name"]
    return (
        weighed.groupBy("user_id", "stratum")
        .agg(first.alias("_first"))
        .select(
            "user_id",
            "stratum",
            F.when(F.col("_first").isNull(), -1).otherwise(0).alias("nth"),
            F.coalesce("_first", F.lit(UNKNOWN)).alias("bin"),
        )
    )
