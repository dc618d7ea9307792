"""Implicit weights of plays for a factorisation: log1p, optionally with BM25 or TF-IDF."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

K1, B = 1.2, 0.75


def weighted(pairs: DataFrame, *, how: str) -> DataFrame:
    """One row per (listener, item), with ``rating`` in place of ``plays``.

    A rating may be 0. r = log1p(plays). ``bm25``: r (K1 + 1) / (K1 ((1 - B) + B len_u / mean len) +
    r) idf, len_u the listener's sum of r, K1 = 1.2, B = 0.75. ``tfidf``: sqrt(r) idf. ``none``: r.
    idf = max(0, ln U - ln(1 + df)), U the number of listeners and df of those who have the item.
    Without the 0, what everybody plays would weigh less than nothing, which ALS reads as dislike
    (formulas: B1.3).
    """
    rated = pairs.select("user_id", "item_id", F.log1p("plays").alias("_r"))
    if how == "none":
        return rated.withColumnRenamed("_r", "rating")
    lengths = rated.groupBy("user_id").agg(F.sum("_r").alias("_length"))
    totals = lengths.agg(F.count("*").alias("_users"), F.avg("_length").alias("_mean"))
    known_by = rated.groupBy("item_id").agg(F.count("*").alias("_df"))
    terms = (
        rated.join(known_by, on="item_id", how="inner")
        .join(lengths, on="user_id", how="inner")
        .crossJoin(F.broadcast(totals))
    )
    rating = {"bm25": _bm25, "tfidf": _tfidf}[how]()
    return terms.select("user_id", "item_id", rating.alias("rating"))


def _idf() -> Column:
    return F.greatest(F.lit(0.0), F.log("_users") - F.log1p("_df"))


def _bm25() -> Column:
    long = F.lit(1 - B) + F.lit(B) * F.col("_length") / F.col("_mean")
    return F.col("_r") * F.lit(K1 + 1) / (F.lit(K1) * long + F.col("_r")) * _idf()


def _tfidf() -> Column:
    return F.sqrt("_r") * _idf()
