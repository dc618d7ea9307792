"""Define every feature of the ranker once: name, place and formula."""

from collections.abc import Mapping
from datetime import datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import days_between
from ritornello.tables.contracts import HALF_LIVES_DAYS, LAST_PLAYS

LISTENER_ITEM_FEATURES = (
    "log_plays",
    "days",
    *(f"log_decayed_{days}d" for days in HALF_LIVES_DAYS),
    *(f"share_{days}d" for days in (7, 30, 120)),
    *(f"plays_in_last_{n}" for n in LAST_PLAYS),
    "log_plays_since",
    "age_days",
    "known_for_days",
    "mean_gap_days",
    "age_in_gaps",
    "plays_per_day",
    "streak_days",
    "streak_plays",
    "month_to_year",
    "week_to_month",
)
ARTIST_FEATURES = (
    "artist_share_7d",
    "artist_share_30d",
    "artist_share_365d",
    "artist_age_days",
    "artist_items",
    "artist_newest_item_days",
    "share_of_artist_30d",
)
ITEM_FEATURES = (
    "log_item_users",
    "log_item_plays",
    "item_repeat_rate",
    "item_trend",
    "item_age_days",
    "item_last_age_days",
    "log_item_decayed_7d",
    "log_item_decayed_30d",
    "item_share_of_listener",
)
USER_FEATURES = (
    "log_user_plays",
    "log_user_items",
    "user_repeat_rate",
    "user_breadth",
    "log_user_decayed_7d",
    "log_user_decayed_30d",
    "user_age_days",
    "user_known_for_days",
    "user_new_share_30d",
)
SOURCE_FEATURES = (
    "own_history_rank",
    "als_score",
    "als_rank",
    "own_artists_score",
    "own_artists_rank",
    "popular_rank",
)
MARK_FEATURES = (
    "log_skips",
    "skip_share",
    "skip_age_days",
    "skipped_before_play_days",
    "log_likes",
    "like_age_days",
    "item_skip_share",
    "user_skip_share",
)
FEATURES = (
    LISTENER_ITEM_FEATURES
    + ARTIST_FEATURES
    + ITEM_FEATURES
    + USER_FEATURES
    + SOURCE_FEATURES
    + MARK_FEATURES
)


def feature_columns(
    as_of: datetime, *, with_artists: bool, with_marks: bool = False
) -> Mapping[str, Column]:
    """Return every feature by name, as an expression over the joined columns.

    Prefixes: p_ pair, u_ user, i_ item, a_ artist; m_, mi_ and mu_ for skips and likes of a pair, an
    item and a listener.
    """
    now = instant(as_of)
    values = {**_pair_columns(now), **_item_columns(now), **_user_columns(now), **_source_columns()}
    nothing = F.lit(None).cast("double")
    artists = _artist_columns(now) if with_artists else dict.fromkeys(ARTIST_FEATURES, nothing)
    marks = _mark_columns(now) if with_marks else dict.fromkeys(MARK_FEATURES, nothing)
    return {**values, **artists, **marks}


def _age(column: str, now: Column) -> Column:
    return days_between(F.col(column), now)


def _ratio(a: Column, b: Column) -> Column:
    return F.when(b > 0, a / b)


def _pair_columns(now: Column) -> dict[str, Column]:
    plays, age = F.col("p_plays"), _age("p_last_played_at", now)
    span = days_between(F.col("p_first_played_at"), F.col("p_last_played_at"))
    gap = F.when(plays > 1, span / (plays - 1))
    shares = {
        f"share_{d}d": _ratio(F.col(f"p_decayed_{d}d"), F.col(f"u_decayed_{d}d"))
        for d in (7, 30, 120)
    }
    return {
        "log_plays": F.log1p(plays),
        "days": F.col("p_days"),
        **{f"log_decayed_{d}d": F.log(F.col(f"p_decayed_{d}d") + 1e-6) for d in HALF_LIVES_DAYS},
        **shares,
        **{f"plays_in_last_{n}": F.col(f"p_plays_in_last_{n}") for n in LAST_PLAYS},
        "log_plays_since": F.log1p("p_plays_since"),
        "age_days": age,
        "known_for_days": _age("p_first_played_at", now),
        "mean_gap_days": gap,
        "age_in_gaps": _ratio(age, gap),
        "plays_per_day": plays / F.col("p_days"),
        "streak_days": F.date_diff("p_streak_last_day", "p_streak_first_day") + 1,
        "streak_plays": F.col("p_streak_plays"),
        "month_to_year": _ratio(F.col("p_decayed_30d"), F.col("p_decayed_365d")),
        "week_to_month": _ratio(F.col("p_decayed_7d"), F.col("p_decayed_30d")),
    }


def _artist_columns(now: Column) -> dict[str, Column]:
    shares = {
        f"artist_share_{d}d": _ratio(
            F.coalesce(F.col(f"a_artist_decayed_{d}d"), F.lit(0.0)), F.col(f"u_decayed_{d}d")
        )
        for d in (7, 30, 365)
    }
    return {
        **shares,
        "artist_age_days": _age("a_artist_last_played_at", now),
        "artist_items": F.col("a_artist_items"),
        "artist_newest_item_days": _age("a_artist_newest_at", now),
        "share_of_artist_30d": _ratio(F.col("p_decayed_30d"), F.col("a_artist_decayed_30d")),
    }


def _item_columns(now: Column) -> dict[str, Column]:
    return {
        "log_item_users": F.log1p("i_users"),
        "log_item_plays": F.log1p("i_plays"),
        "item_repeat_rate": F.col("i_repeat_rate"),
        "item_trend": F.col("i_trend"),
        "item_age_days": _age("i_first_played_at", now),
        "item_last_age_days": _age("i_last_played_at", now),
        "log_item_decayed_7d": F.log(F.col("i_decayed_7d") + 1e-6),
        "log_item_decayed_30d": F.log(F.col("i_decayed_30d") + 1e-6),
        "item_share_of_listener": F.coalesce(F.col("p_plays"), F.lit(0)) / F.col("i_plays"),
    }


def _mark_columns(now: Column) -> dict[str, Column]:
    none = F.lit(0)
    skips, plays = F.coalesce("m_skips", none), F.coalesce("p_plays", none)
    of_item, of_user = F.coalesce("mi_skips", none), F.coalesce("mu_skips", none)
    return {
        "log_skips": F.log1p(skips),
        "skip_share": _ratio(skips, skips + plays),
        "skip_age_days": _age("m_last_skipped_at", now),
        "skipped_before_play_days": days_between(
            F.col("m_last_skipped_at"), F.col("p_last_played_at")
        ),
        "log_likes": F.log1p(F.coalesce("m_likes", none)),
        "like_age_days": _age("m_last_liked_at", now),
        "item_skip_share": of_item / (of_item + F.col("i_plays")),
        "user_skip_share": of_user / (of_user + F.col("u_plays")),
    }


def _user_columns(now: Column) -> dict[str, Column]:
    return {
        "log_user_plays": F.log1p("u_plays"),
        "log_user_items": F.log1p("u_items"),
        "user_repeat_rate": F.col("u_repeat_rate"),
        "user_breadth": F.col("u_breadth"),
        "log_user_decayed_7d": F.log1p("u_decayed_7d"),
        "log_user_decayed_30d": F.log1p("u_decayed_30d"),
        "user_age_days": _age("u_last_played_at", now),
        "user_known_for_days": _age("u_first_played_at", now),
        "user_new_share_30d": _ratio(F.col("u_decayed_items_30d"), F.col("u_decayed_30d")),
    }


def _source_columns() -> dict[str, Column]:
    return {
        "own_history_rank": F.col("own_history_rank"),
        "als_score": F.coalesce(F.col("als_score"), F.col("_als_repeat_score")),
        "als_rank": F.coalesce(F.col("als_rank"), F.col("_als_repeat_rank")),
        "own_artists_score": F.col("own_artists_score"),
        "own_artists_rank": F.col("own_artists_rank"),
        "popular_rank": F.col("popular_rank"),
    }
