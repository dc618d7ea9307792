"""Qualities of ranked lists beyond accuracy.

Novelty, variety, exposure, popularity and calibration, all on the mixed lists, cut at k.
Definitions and sources: `docs/metrics.md`.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.evaluation.calibration import LIST, miscalibration
from ritornello.evaluation.exposure import LISTS_OF, exposure

TASTES = ("niche", "middle", "mainstream")
AVERAGED = (
    "novelty",
    "personal_novelty",
    "repeat_share",
    "artists",
    "same_artist",
    "miscalibration",
)


def beyond_accuracy(qualities: DataFrame, places: DataFrame, known: DataFrame) -> DataFrame:
    """One row per (method, k): means over non-empty lists, and catalogue exposure.

    Columns: method, k, listeners (with such a list), the means of AVERAGED, popularity_lift and
    popularity_lift_niche, _middle, _mainstream, coverage, gini, artist_coverage, artist_gini. A
    value is null where nothing is known to compute it from (no genres, no artists, no history).
    """
    means = qualities.groupBy(*LISTS_OF).agg(
        F.count("*").alias("listeners"),
        *(F.avg(name).alias(name) for name in AVERAGED),
        _lift(F.lit(True)).alias("popularity_lift"),
        *(_lift(F.col("taste") == taste).alias(f"popularity_lift_{taste}") for taste in TASTES),
    )
    artists = exposure(places, known, of="artist_id").withColumnsRenamed(
        {"coverage": "artist_coverage", "gini": "artist_gini"}
    )
    return means.join(exposure(places, known, of="item_id"), on=LISTS_OF, how="left").join(
        artists, on=LISTS_OF, how="left"
    )


def _lift(group: Column) -> Column:
    """Return the mean popularity of lists divided by that of histories.

    Both means are over the listeners of the group for whom both are known.
    """
    counted = group & F.col("list_popularity").isNotNull() & F.col("history_popularity").isNotNull()
    listed = F.avg(F.when(counted, F.col("list_popularity")))
    return listed / F.avg(F.when(counted, F.col("history_popularity")))


def list_qualities(places: DataFrame, pairs: DataFrame, known: DataFrame) -> DataFrame:
    """One row per (listener, method, k) with a non-empty list.

    Columns: items (places, at most k), novelty, personal_novelty, repeat_share, artists,
    same_artist, list_popularity, history_popularity, taste, miscalibration. A value that is not
    known is null.
    """
    return (
        _listed(places)
        .join(listener_tastes(pairs, known), on="user_id", how="left")
        .join(miscalibration(places, pairs, known), on=LIST, how="left")
    )


def _listed(places: DataFrame) -> DataFrame:
    """One row per list, with the qualities that its places alone determine.

    Places are counted by artist first, then over the artists.
    """
    n, known_artist = F.col("_n"), F.col("artist_id").isNotNull()
    by_artist = places.groupBy(*LIST, "artist_id").agg(
        F.count("*").alias("_n"),
        F.sum(F.col("is_repeat").cast("int")).alias("_repeats"),
        F.count("popularity").alias("_known"),
        F.sum("popularity").alias("_popularity"),
        F.sum(-F.log2("popularity")).alias("_bits"),
    )
    named = F.sum(F.when(known_artist, n))
    repeats = F.sum("_repeats") / F.sum(n)
    return by_artist.groupBy(*LIST).agg(
        F.sum(n).alias("items"),
        (F.sum("_bits") / F.sum("_known")).alias("novelty"),
        (1 - repeats).alias("personal_novelty"),
        repeats.alias("repeat_share"),
        F.nullif(F.count("artist_id"), F.lit(0)).alias("artists"),
        (F.sum(F.when(known_artist, n * (n - 1))) / (named * (named - 1))).alias("same_artist"),
        (F.sum("_popularity") / F.sum("_known")).alias("list_popularity"),
    )


def listener_tastes(pairs: DataFrame, known: DataFrame) -> DataFrame:
    """One row per listener with a history: its mean popularity and ``taste``.

    ``taste`` is the third of listeners that the mean falls in. Each distinct item of the history
    counts once. Thirds are cut at quantiles that are exact to 1 in 10,000. A listener on a cut
    belongs to the third below it.
    """
    popular = known.select("item_id", "popularity")
    histories = (
        pairs.select("user_id", "item_id")
        .join(popular, on="item_id", how="inner")
        .groupBy("user_id")
        .agg(F.avg("popularity").alias("history_popularity"))
    )
    thirds = F.array(F.lit(1 / 3), F.lit(2 / 3))
    cuts = histories.agg(F.percentile_approx("history_popularity", thirds, 10_000).alias("_cuts"))
    low, high = F.col("_cuts")[0], F.col("_cuts")[1]
    mean = F.col("history_popularity")
    taste = F.when(mean <= low, TASTES[0]).when(mean <= high, TASTES[1]).otherwise(TASTES[2])
    return histories.crossJoin(F.broadcast(cuts)).select(
        "user_id", "history_popularity", taste.alias("taste")
    )
