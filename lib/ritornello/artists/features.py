"""The reranker's features of a (listener, artist) pair.

Each feature is defined once, and ``FEATURES`` is the order that models know.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.artists.content import (
    content_columns,
    genre_overlaps,
    genre_shares,
    standardised,
    tastes,
)
from ritornello.artists.counts import item_counts, listener_counts
from ritornello.artists.social import friends_listening, tag_profiles, tag_similarities, tag_weights
from ritornello.features.neighbours import cosine_neighbours, spread, strongest_pairs
from ritornello.features.states import PAIR
from ritornello.models.als import norm

PUBLISHED = (
    "als_score",
    "als_rank",
    "als_rank_inv",
    "item_pop_users",
    "item_pop_plays",
    "log_item_pop_users",
    "log_item_pop_plays",
    "cos_user_item",
    "l2_user_item",
    "absdiff_mean_user_item",
    "als_x_pop",
    "als_x_cos",
    "uf_explicit",
    "user_seen_items",
    "user_total_plays",
    "user_mean_plays",
)
OURS = (
    "als_cosine",
    "item_cosine",
    "item_cosine_binary",
    "item_cosine_rank",
    "log_item_mean_plays",
    "user_breadth",
    "user_mean_pop",
    "pop_gap",
    "genre_share",
    "user_genre_entropy",
)
SIDE = ("friend_share", "friend_rating", "tag_similarity")
CONTENT = ("cos_user_item", "l2_user_item", "absdiff_mean_user_item", "als_x_cos", "uf_explicit",
           "genre_share", "user_genre_entropy")  # fmt: skip
FEATURES = PUBLISHED + OURS + SIDE
SCORED_PER_USER = 1000


@dataclass(frozen=True)
class Evidence:
    """Data that features may use: pairs, ratings, factors and side data.

    ``pairs`` has plays, ``rated`` their ratings, and the factors are learnt from them. ``content``
    has item_id, nine audio means, explicit and genres; ``friends`` has user_id and friend_id;
    ``tags`` has user_id, item_id and tag_id. A table that the data set lacks is None, and its
    features are missing.
    """

    pairs: DataFrame
    rated: DataFrame
    user_factors: DataFrame
    item_factors: DataFrame
    content: DataFrame | None = None
    friends: DataFrame | None = None
    tags: DataFrame | None = None


@dataclass(frozen=True)
class Bounds:
    """Limits on a listener's artists, an artist's neighbours and an artist's tags."""

    pairs_per_user: int
    neighbours: int
    tags_per_item: int


@dataclass(frozen=True)
class Known:
    """Tables that the features are read from.

    They are computed once for all candidates of the same evidence. ``of_items``, ``of_users`` and
    ``of_pairs`` are joined by item_id, user_id and both.
    """

    of_items: list[DataFrame]
    of_users: list[DataFrame]
    of_pairs: list[DataFrame]
    shares: DataFrame | None = None
    content: DataFrame | None = None
    tag_weights: DataFrame | None = None
    tag_profiles: DataFrame | None = None
    tags: DataFrame | None = None


Keep = Callable[[DataFrame], DataFrame]


def known(evidence: Evidence, *, bounds: Bounds, published: bool, keep: Keep) -> Known:
    """Compute everything that does not depend on the candidates.

    ``published`` leaves out all that B1.6 does not ask for. ``keep`` persists a frame, so that it
    is computed once.
    """
    items = keep(item_counts(evidence.pairs))
    of_items, of_users = [items], [keep(listener_counts(evidence.pairs, items))]
    of_pairs: list[DataFrame] = []
    optional: dict[str, DataFrame | None] = {}
    if evidence.content is not None:
        content = keep(standardised(evidence.content))
        of_items.append(content.drop("genres"))
        of_users.append(keep(tastes(evidence.pairs, content)))
        optional = {"content": content, "shares": keep(genre_shares(evidence.pairs, content))}
    if not published:
        of_items.append(_norms(evidence.item_factors, "item_id"))
        of_users.append(_norms(evidence.user_factors, "user_id"))
        of_pairs = [keep(frame) for frame in _pair_frames(evidence, bounds)]
        if evidence.tags is not None:
            weights = keep(tag_weights(evidence.tags, per_item=bounds.tags_per_item))
            profiles = keep(tag_profiles(evidence.rated, weights))
            optional |= {"tag_weights": weights, "tag_profiles": profiles, "tags": evidence.tags}
    return Known(of_items, of_users, of_pairs, **optional)


def pair_features(candidates: DataFrame, tables: Known) -> DataFrame:
    """One row per candidate (user_id, item_id) with its ``features``.

    They are in the order of FEATURES; NaN means missing. ``candidates`` has als_score and als_rank
    (from 0). Features of B1.6 keep their names.
    """
    joined = candidates
    for keys, frames in (
        (["item_id"], tables.of_items),
        (["user_id"], tables.of_users),
        (PAIR, [*tables.of_pairs, *_of_candidates(candidates, tables)]),
    ):
        for frame in frames:
            joined = joined.join(frame, on=keys, how="left")
    values = _columns(joined)
    nothing = F.lit(float("nan"))
    cells = [F.coalesce(values[name].cast("float"), nothing) for name in FEATURES]
    return joined.select(*PAIR, F.array(*(cell.cast("float") for cell in cells)).alias("features"))


def _of_candidates(candidates: DataFrame, tables: Known) -> list[DataFrame]:
    frames = []
    if tables.content is not None and tables.shares is not None:
        frames.append(genre_overlaps(candidates, tables.shares, tables.content))
    if (
        tables.tag_weights is not None
        and tables.tag_profiles is not None
        and tables.tags is not None
    ):
        profiles, weights = tables.tag_profiles, tables.tag_weights
        frames.append(tag_similarities(candidates, profiles, weights, tables.tags))
    return frames


def _norms(factors: DataFrame, key: str) -> DataFrame:
    return factors.select(key, norm().alias(f"_norm_{key}"))


def item_cosines(rated: DataFrame, *, bounds: Bounds, binary: bool) -> DataFrame:
    """One row per (listener, item) with ``score``, the summed cosine.

    The items are neighbours of those the listener knows. With ``binary`` every pair counts as one,
    else its rating counts, both in the cosine and in the sum.
    """
    own = strongest_pairs(rated, by="rating", per_user=bounds.pairs_per_user)
    if binary:
        own = own.withColumn("weight", F.lit(1.0))
    near = cosine_neighbours(own, nearest=bounds.neighbours)
    scored = own.withColumnRenamed("weight", "score")
    return spread(scored, near, weights=["score"], per_user=SCORED_PER_USER)


def _pair_frames(evidence: Evidence, bounds: Bounds) -> list[DataFrame]:
    """Return frames of (listener, item), each with one or two features."""
    named = {"item_cosine": False, "item_cosine_binary": True}
    frames = [
        item_cosines(evidence.rated, bounds=bounds, binary=binary).withColumnRenamed("score", name)
        for name, binary in named.items()
    ]
    if evidence.friends is not None:
        frames.append(friends_listening(evidence.rated, evidence.friends))
    return frames


def _columns(joined: DataFrame) -> dict[str, Column]:
    """Map the name of every feature to its column.

    Features that could not be joined are null.
    """
    missing = F.lit(None).cast("double")
    has_content = "taste_tempo" in joined.columns
    content = content_columns() if has_content else dict.fromkeys(CONTENT, missing)
    als, lengths = F.col("als_score"), F.col("_norm_user_id") * F.col("_norm_item_id")
    has_ours = "item_cosine" in joined.columns
    nearest_first = Window.partitionBy("user_id").orderBy(F.desc_nulls_last("item_cosine"))
    made = {
        "als_rank_inv": 1.0 / (1.0 + F.col("als_rank")),
        "als_x_pop": als * F.col("log_item_pop_plays"),
        "als_x_cos": als * content["cos_user_item"],
        **(
            {
                "als_cosine": F.when(lengths > 0, als / lengths),
                "item_cosine_rank": F.rank().over(nearest_first),
            }
            if has_ours
            else {}
        ),
        "pop_gap": F.col("log_item_pop_users") - F.col("user_mean_pop"),
        **{name: column for name, column in content.items() if name != "als_x_cos"},
    }
    return {
        name: made[name] if name in made else F.col(name) if name in joined.columns else missing
        for name in FEATURES
    }
