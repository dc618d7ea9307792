"""Compare how an artist sounds with what the listener plays.

The features come from audio and genres. Missing values stay missing.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts.catalogue import AUDIO, UNKNOWN_GENRE


def content_of(vectors: DataFrame) -> DataFrame:
    """One row per artist with item_id, audio means, explicit and genres.

    Reads ``artist_features_joined``. Genres are empty where none is known. Play counts are left
    out, because those taken from the log cover all of its days.
    """
    genres = F.array_remove("genres", UNKNOWN_GENRE).alias("genres")
    return vectors.select(F.col("artist_id").alias("item_id"), *AUDIO, "explicit", genres)


def standardised(content: DataFrame) -> DataFrame:
    """Replace each audio mean by its standard score over the rows.

    A constant column becomes 0. On the raw scale the tempo, in beats a minute, would outweigh the
    rest (formulas: B3).
    """
    moments = content.agg(
        *(F.avg(name).alias(f"_mean_{name}") for name in AUDIO),
        *(F.stddev_pop(name).alias(f"_spread_{name}") for name in AUDIO),
    )
    scores = {name: _score(name) for name in AUDIO}
    with_moments = content.crossJoin(F.broadcast(moments)).withColumns(scores)
    return with_moments.select(*content.columns)


def _score(name: str) -> Column:
    spread = F.col(f"_spread_{name}")
    scaled = (F.col(name) - F.col(f"_mean_{name}")) / spread
    return F.when(spread > 0, scaled).otherwise(F.when(F.col(name).isNotNull(), F.lit(0.0)))


def tastes(pairs: DataFrame, content: DataFrame) -> DataFrame:
    """One row per listener with weighted audio means, uf_explicit and user_genre_entropy.

    Each mean (``taste_<name>``) is weighted by plays and covers the artists whose value is known.
    Entropy is -sum p log2 p, with an artist's plays split equally over its genres (formulas: B1.5).
    """
    known = pairs.join(content, on="item_id", how="inner")
    means = [_weighted_mean(name).alias(f"taste_{name}") for name in AUDIO]
    by_user = known.groupBy("user_id").agg(*means, _weighted_mean("explicit").alias("uf_explicit"))
    return by_user.join(_entropies(genre_shares(pairs, content)), on="user_id", how="left")


def _weighted_mean(name: str) -> Column:
    weight = F.when(F.col(name).isNotNull(), F.col("plays"))
    return F.sum(F.col(name) * F.col("plays")) / F.sum(weight)


def genre_shares(pairs: DataFrame, content: DataFrame) -> DataFrame:
    """One row per (listener, genre) with the genre's ``share`` of the plays.

    Only plays of artists with known genres count. An artist's plays are split equally over its
    genres.
    """
    split = (
        pairs.join(content.select("item_id", "genres"), on="item_id", how="inner")
        .where(F.size("genres") > 0)
        .select(
            "user_id",
            F.explode("genres").alias("genre"),
            (F.col("plays") / F.size("genres")).alias("_plays"),
        )
    )
    by_genre = split.groupBy("user_id", "genre").agg(F.sum("_plays").alias("_plays"))
    totals = by_genre.groupBy("user_id").agg(F.sum("_plays").alias("_total"))
    share = (F.col("_plays") / F.col("_total")).alias("share")
    return by_genre.join(totals, on="user_id", how="inner").select("user_id", "genre", share)


def _entropies(shares: DataFrame) -> DataFrame:
    entropy = -F.sum(F.col("share") * F.log2("share"))
    return shares.groupBy("user_id").agg(entropy.alias("user_genre_entropy"))


def genre_overlaps(candidates: DataFrame, shares: DataFrame, content: DataFrame) -> DataFrame:
    """One row per candidate (listener, item) with ``genre_share``.

    It is the mean, over the item's genres, of the listener's share of each. Items without a known
    genre have no row.
    """
    of_items = content.where(F.size("genres") > 0).select(
        "item_id", F.explode("genres").alias("genre"), F.size("genres").alias("_genres")
    )
    return (
        candidates.select("user_id", "item_id")
        .join(of_items, on="item_id", how="inner")
        .join(shares, on=["user_id", "genre"], how="left")
        .groupBy("user_id", "item_id")
        .agg((F.sum(F.coalesce("share", F.lit(0.0))) / F.first("_genres")).alias("genre_share"))
    )


def content_columns() -> dict[str, Column]:
    """Return cos_user_item, l2_user_item and absdiff_mean_user_item by name.

    They read the joined columns of ``tastes`` and ``standardised``, and cover the audio means that
    both sides know. They are null where the two sides share none.
    """
    taste, item = [F.col(f"taste_{name}") for name in AUDIO], [F.col(name) for name in AUDIO]
    both = [t.isNotNull() & i.isNotNull() for t, i in zip(taste, item, strict=True)]
    shared = _total([b.cast("int") for b in both])
    each = list(zip(taste, item, both, strict=True))
    dot = _total([F.when(b, t * i).otherwise(0.0) for t, i, b in each])
    norms = [F.sqrt(_total([F.when(b, x * x).otherwise(0.0) for x, b in zip(side, both, strict=True)]))
             for side in (taste, item)]  # fmt: skip
    squares = _total([F.when(b, (t - i) * (t - i)).otherwise(0.0) for t, i, b in each])
    gaps = _total([F.when(b, F.abs(t - i)).otherwise(0.0) for t, i, b in each])
    lengths = norms[0] * norms[1]
    return {
        "cos_user_item": F.when((shared > 0) & (lengths > 0), dot / lengths),
        "l2_user_item": F.when(shared > 0, F.sqrt(squares)),
        "absdiff_mean_user_item": F.when(shared > 0, gaps / shared),
    }


def _total(columns: list[Column]) -> Column:
    total = columns[0]
    for column in columns[1:]:
        total = total + column
    return total
