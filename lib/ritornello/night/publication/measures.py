"""Measures of an audit: DataFrames in, one row of figures out.

``lists`` are rows of `recommendations` of one night whose item column is called item_id.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.states import PAIR

BINS = 10
LEAST_SHARE = 1e-4  # an empty bin would make the index infinite


def list_quality(lists: DataFrame) -> DataFrame:
    """Measure sizes and faults of the lists in one row.

    ``listeners``, ``mean_length`` and ``repeat_share`` are of mixed, the faults of all lists.
    ``duplicates`` are places that repeat an item of their list. ``disorder`` are places without a
    score, scored above the place before, or whose rank is not their place.
    """
    place = F.struct("rank", "score", "item_id", F.col("last_played_at").isNotNull().alias("again"))
    listed = lists.groupBy("user_id", "list").agg(
        F.sort_array(F.collect_list(place)).alias("places")
    )
    places, mixed = F.col("places"), F.col("list") == "mixed"
    size = F.size("places")
    again = F.size(F.filter("places", lambda place: place["again"]))
    faulty = F.size(F.filter("places", lambda place, at: _faulty(places, place, at)))
    return listed.agg(
        F.count(F.when(mixed, 1)).alias("listeners"),
        F.avg(F.when(mixed, size)).alias("mean_length"),
        (F.sum(F.when(mixed, again)) / F.sum(F.when(mixed, size))).alias("repeat_share"),
        F.sum(size - F.size(F.array_distinct("places.item_id"))).cast("double").alias("duplicates"),
        F.sum(faulty).cast("double").alias("disorder"),
    )


def _faulty(places: Column, place: Column, at: Column) -> Column:
    unscored = place["score"].isNull() | F.isnan(place["score"])
    above = (at > 0) & (place["score"] > F.element_at(places, F.greatest(at, F.lit(1)))["score"])
    return unscored | F.coalesce(above, F.lit(False)) | (place["rank"] != at + 1)


def ineligible(
    lists: DataFrame,
    pairs: DataFrame,
    items: DataFrame,
    listeners: DataFrame,
    barred: DataFrame,
) -> DataFrame:
    """Count places whose item is not what its list promises.

    A repeat must be in ``pairs`` (user_id, item_id) and a new item must not. Only repeats have a last
    play. Every item must be in ``items``, the items that anyone played before the night, and every
    listener in ``listeners``, those with a play before the night. No place may be in ``barred``
    (user_id, item_id), what may not be served.
    """
    played = pairs.select(*PAIR).distinct().withColumn("_played", F.lit(True))
    known = items.select("item_id").distinct().withColumn("_known", F.lit(True))
    forbidden = barred.select(*PAIR).distinct().withColumn("_barred", F.lit(True))
    listen = listeners.select("user_id").distinct().withColumn("_listens", F.lit(True))
    judged = (
        lists.join(played, on=PAIR, how="left")
        .join(known, on="item_id", how="left")
        .join(listen, on="user_id", how="left")
        .join(forbidden, on=PAIR, how="left")
    )
    again = F.col("_played").isNotNull()
    wrong = (
        ((F.col("list") == "new") & again)
        | ((F.col("list") == "repeats") & ~again)
        | (F.col("last_played_at").isNotNull() != again)
        | F.col("_known").isNull()
        | F.col("_listens").isNull()
        | F.col("_barred").isNotNull()
    )
    return judged.agg(F.count(F.when(wrong, 1)).cast("double").alias("ineligible"))


def kept_share(lists: DataFrame, earlier: DataFrame, *, depth: int) -> DataFrame:
    """Compute the mean share of earlier first places that are kept tonight.

    The mean is over listeners. Both nights are cut at ``depth`` of mixed. Listeners of only one night
    do not count; the result is null if there are no others.
    """
    tonight, before = (_first_places(rows, depth=depth) for rows in (lists, earlier))
    both = tonight.withColumnRenamed("item_ids", "_now").join(before, on="user_id", how="inner")
    kept = F.size(F.array_intersect("_now", "item_ids")) / F.size("item_ids")
    return both.agg(F.avg(kept).alias("stability"))


def _first_places(lists: DataFrame, *, depth: int) -> DataFrame:
    chosen = lists.where((F.col("list") == "mixed") & (F.col("rank") <= depth))
    return chosen.groupBy("user_id").agg(F.collect_set("item_id").alias("item_ids"))


def score_drift(lists: DataFrame, earlier: DataFrame) -> DataFrame:
    """Compute the population stability index of mixed scores.

    Bins are the deciles of the earlier night. The index is the sum over bins of (p - q) ln(p / q),
    where shares below 1e-4 are read as 1e-4. It is null without scores.
    """
    mixed = [rows.where(F.col("list") == "mixed").select("score") for rows in (earlier, lists)]
    borders = [nth / BINS for nth in range(1, BINS)]
    deciles = mixed[0].agg(F.percentile_approx("score", borders, 1_000).alias("_borders"))
    shares = [_shares(scores, deciles, name) for scores, name in zip(mixed, "qp", strict=True)]
    p, q = F.greatest("p", F.lit(LEAST_SHARE)), F.greatest("q", F.lit(LEAST_SHARE))
    bins = shares[0].join(shares[1], on="bin", how="full").na.fill(0.0, ["p", "q"])
    index = F.sum((p - q) * F.ln(p / q))
    return bins.agg(F.when(F.sum("p") * F.sum("q") > 0, index).alias("score_drift"))


def _shares(scores: DataFrame, deciles: DataFrame, name: str) -> DataFrame:
    below = F.filter("_borders", lambda border: F.col("score") > border)
    counted = scores.crossJoin(F.broadcast(deciles)).groupBy(F.size(below).alias("bin")).count()
    total = counted.agg(F.sum("count").alias("_total"))
    return counted.crossJoin(F.broadcast(total)).select(
        "bin", (F.col("count") / F.col("_total")).alias(name)
    )


def repeat_share(lists: DataFrame) -> DataFrame:
    """Compute the share of repeats in mixed."""
    mixed = lists.where(F.col("list") == "mixed")
    return mixed.agg(F.avg(F.col("last_played_at").isNotNull().cast("double")).alias("share"))


def age_days(items: DataFrame, *, as_of: datetime) -> DataFrame:
    """Compute the days from the newest play in `item_stats` to the night."""
    newest = F.unix_micros(F.max("last_played_at")) / 1e6
    return items.agg(((F.lit(as_of.timestamp()) - newest) / 86_400).alias("age_days"))
