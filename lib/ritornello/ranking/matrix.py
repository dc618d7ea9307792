"""Feature matrix of the ranker: a row per candidate, in the order models know."""

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.features.marks import Marks
from ritornello.features.states import PAIR
from ritornello.ranking.columns import FEATURES, feature_columns


def user_artists(pairs: DataFrame, artists: DataFrame) -> DataFrame:
    """One row per (listener, artist): plays, distinct items, newest play and discovery."""
    return (
        pairs.join(artists, on="item_id", how="inner")
        .groupBy("user_id", "artist_id")
        .agg(
            *(F.sum(f"decayed_{d}d").alias(f"artist_decayed_{d}d") for d in (7, 30, 365)),
            F.max("last_played_at").alias("artist_last_played_at"),
            F.max("first_played_at").alias("artist_newest_at"),
            F.count("*").alias("artist_items"),
        )
    )


def feature_rows(
    candidates: DataFrame,
    *,
    pairs: DataFrame,
    items: DataFrame,
    users: DataFrame,
    artists: DataFrame | None,
    als_lists: DataFrame,
    as_of: datetime,
    marks: Marks | None = None,
) -> DataFrame:
    """One row per candidate, with its ``features``.

    Columns: user_id, item_id, features, is_repeat, source scores and ranks, last_played_at. A
    feature that does not apply (an unplayed item's recency, an unknown artist's share) is NaN. All
    tables are slices as of the same instant. ``marks`` is None where nobody skips or likes.
    """
    joined = (
        candidates.join(
            _prefixed(pairs, "p_", ["user_id", "item_id"]), ["user_id", "item_id"], "left"
        )
        .join(_prefixed(users, "u_", ["user_id"]), ["user_id"], "left")
        .join(_repeat_scores(als_lists), ["user_id", "item_id"], "left")
        .join(_prefixed(items, "i_", ["item_id"]), ["item_id"], "left")
    )
    if artists is not None:
        by_artist = _prefixed(user_artists(pairs, artists), "a_", ["user_id", "artist_id"])
        joined = joined.join(artists, ["item_id"], "left")
        joined = joined.join(by_artist, ["user_id", "artist_id"], "left")
    if marks is not None:
        joined = (
            joined.join(_prefixed(marks.pairs, "m_", ["user_id", "item_id"]), [*PAIR], "left")
            .join(_prefixed(marks.items, "mi_", ["item_id"]), ["item_id"], "left")
            .join(_prefixed(marks.users, "mu_", ["user_id"]), ["user_id"], "left")
        )
    values = feature_columns(as_of, with_artists=artists is not None, with_marks=marks is not None)
    cells = [F.coalesce(values[name].cast("float"), F.lit(float("nan"))) for name in FEATURES]
    kept = [name for name in candidates.columns if name not in ("user_id", "item_id")]
    return joined.select(
        "user_id",
        "item_id",
        *kept,
        F.col("p_last_played_at").alias("last_played_at"),
        F.array(*(cell.cast("float") for cell in cells)).alias("features"),
    )


def without_features(rows: DataFrame, names: Sequence[str]) -> DataFrame:
    """Replace the values of these features by NaN, which teaches nothing.

    Raises UsageError for a name that is not a feature.
    """
    unknown = sorted(set(names) - set(FEATURES))
    if unknown:
        raise UsageError(
            f"ranker.leave_out names no feature with {', '.join(unknown)}: they are {', '.join(FEATURES)}"
        )
    if not names:
        return rows
    missing = F.lit(float("nan")).cast("float")
    cells = [
        missing if name in names else F.col("features")[nth] for nth, name in enumerate(FEATURES)
    ]
    return rows.withColumn("features", F.array(*cells))


def _prefixed(df: DataFrame, prefix: str, keys: list[str]) -> DataFrame:
    others = [
        F.col(name).alias(prefix + name) for name in df.columns if name not in (*keys, "as_of")
    ]
    return df.select(*keys, *others)


def _repeat_scores(als_lists: DataFrame) -> DataFrame:
    """One row per played item in ALS's list of repeats, with score and rank."""
    return als_lists.select(
        "user_id", F.posexplode(F.arrays_zip("repeat_items", "repeat_scores")).alias("_n", "_item")
    ).select(
        "user_id",
        F.col("_item.repeat_items").alias("item_id"),
        F.col("_item.repeat_scores").cast("double").alias("_als_repeat_score"),
        (F.col("_n") + 1).alias("_als_repeat_rank"),
    )
