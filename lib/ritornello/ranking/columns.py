"""Define every feature of the ranker once: name, place and formula.

A feature is a function of ``Facts``, the aligned arrays of a batch of candidates. Values that do not
apply are NaN: an unplayed item's recency, an unknown artist's share.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ritornello.arrays import Floats64
from ritornello.tables.contracts import HALF_LIVES_DAYS, LAST_PLAYS

MICROS_PER_DAY = 86_400 * 1_000_000


@dataclass(frozen=True)
class Facts:
    """Facts about each candidate of a batch, as aligned arrays.

    ``now`` is the instant in microseconds. ``pair``, ``artist`` (of the pair's listener), ``user``,
    ``item`` and ``event`` (skips and likes) hold columns of the tables by name, times in
    microseconds. ``source`` holds scores and ranks of the candidate sources.
    """

    now: int
    pair: Mapping[str, Floats64]
    artist: Mapping[str, Floats64]
    item: Mapping[str, Floats64]
    user: Mapping[str, Floats64]
    source: Mapping[str, Floats64]
    event: Mapping[str, Floats64]


Feature = Callable[[Facts], Floats64]


def _days(micros: Floats64) -> Floats64:
    return micros / MICROS_PER_DAY


def _age(facts: Facts, then: Floats64) -> Floats64:
    return _days(facts.now - then)


def _ratio(a: Floats64, b: Floats64) -> Floats64:
    """Divide, NaN where the divisor is not above 0."""
    ratio: Floats64 = np.where(b > 0, a, np.nan) / np.where(b > 0, b, 1.0)
    return ratio


def _or_none(values: Floats64) -> Floats64:
    return np.nan_to_num(values, nan=0.0)


def _gap(f: Facts) -> Floats64:
    """Return the mean number of days between two plays."""
    plays = f.pair["plays"]
    span = _days(f.pair["last_played_at"] - f.pair["first_played_at"])
    return _ratio(span, plays - 1)


def _log_decayed(column: str) -> Feature:
    return lambda f: np.log(f.pair[column] + 1e-6)


def _share(column: str) -> Feature:
    return lambda f: _ratio(f.pair[column], f.user[column])


def _artist_share(column: str) -> Feature:
    return lambda f: _ratio(_or_none(f.artist[column]), f.user[column])


def _of_pair(column: str) -> Feature:
    return lambda f: f.pair[column]


LISTENER_ITEM: dict[str, Feature] = {
    "log_plays": lambda f: np.log1p(f.pair["plays"]),
    "days": lambda f: f.pair["days"],
    **{f"log_decayed_{d}d": _log_decayed(f"decayed_{d}d") for d in HALF_LIVES_DAYS},
    **{f"share_{d}d": _share(f"decayed_{d}d") for d in (7, 30, 120)},
    **{f"plays_in_last_{n}": _of_pair(f"plays_in_last_{n}") for n in LAST_PLAYS},
    "log_plays_since": lambda f: np.log1p(f.pair["plays_since"]),
    "age_days": lambda f: _age(f, f.pair["last_played_at"]),
    "known_for_days": lambda f: _age(f, f.pair["first_played_at"]),
    "mean_gap_days": _gap,
    "age_in_gaps": lambda f: _ratio(_age(f, f.pair["last_played_at"]), _gap(f)),
    "plays_per_day": lambda f: f.pair["plays"] / f.pair["days"],
    "streak_days": lambda f: f.pair["streak_last_day"] - f.pair["streak_first_day"] + 1,
    "streak_plays": lambda f: f.pair["streak_plays"],
    "month_to_year": lambda f: _ratio(f.pair["decayed_30d"], f.pair["decayed_365d"]),
    "week_to_month": lambda f: _ratio(f.pair["decayed_7d"], f.pair["decayed_30d"]),
}
ARTIST: dict[str, Feature] = {
    **{f"artist_share_{d}d": _artist_share(f"decayed_{d}d") for d in (7, 30, 365)},
    "artist_age_days": lambda f: _age(f, f.artist["last_played_at"]),
    "artist_items": lambda f: f.artist["items"],
    "artist_newest_item_days": lambda f: _age(f, f.artist["newest_at"]),
    "share_of_artist_30d": lambda f: _ratio(f.pair["decayed_30d"], f.artist["decayed_30d"]),
}
ITEM: dict[str, Feature] = {
    "log_item_users": lambda f: np.log1p(f.item["users"]),
    "log_item_plays": lambda f: np.log1p(f.item["plays"]),
    "item_repeat_rate": lambda f: f.item["repeat_rate"],
    "item_trend": lambda f: f.item["trend"],
    "item_age_days": lambda f: _age(f, f.item["first_played_at"]),
    "item_last_age_days": lambda f: _age(f, f.item["last_played_at"]),
    "log_item_decayed_7d": lambda f: np.log(f.item["decayed_7d"] + 1e-6),
    "log_item_decayed_30d": lambda f: np.log(f.item["decayed_30d"] + 1e-6),
    "item_share_of_listener": lambda f: _or_none(f.pair["plays"]) / f.item["plays"],
}
USER: dict[str, Feature] = {
    "log_user_plays": lambda f: np.log1p(f.user["plays"]),
    "log_user_items": lambda f: np.log1p(f.user["items"]),
    "user_repeat_rate": lambda f: f.user["repeat_rate"],
    "user_breadth": lambda f: f.user["breadth"],
    "log_user_decayed_7d": lambda f: np.log1p(f.user["decayed_7d"]),
    "log_user_decayed_30d": lambda f: np.log1p(f.user["decayed_30d"]),
    "user_age_days": lambda f: _age(f, f.user["last_played_at"]),
    "user_known_for_days": lambda f: _age(f, f.user["first_played_at"]),
    "user_new_share_30d": lambda f: _ratio(f.user["decayed_items_30d"], f.user["decayed_30d"]),
}
SOURCE: dict[str, Feature] = {
    "own_history_rank": lambda f: f.source["own_history_rank"],
    "als_score": lambda f: f.source["als_score"],
    "als_rank": lambda f: f.source["als_rank"],
    "own_artists_score": lambda f: f.source["own_artists_score"],
    "own_artists_rank": lambda f: f.source["own_artists_rank"],
    "popular_rank": lambda f: f.source["popular_rank"],
}
EVENT: dict[str, Feature] = {
    "log_skips": lambda f: np.log1p(f.event["skips"]),
    "skip_share": lambda f: _ratio(f.event["skips"], f.event["skips"] + _or_none(f.pair["plays"])),
    "skip_age_days": lambda f: _age(f, f.event["last_skipped_at"]),
    "skipped_before_play_days": lambda f: _days(
        f.pair["last_played_at"] - f.event["last_skipped_at"]
    ),
    "log_likes": lambda f: np.log1p(f.event["likes"]),
    "like_age_days": lambda f: _age(f, f.event["last_liked_at"]),
    "item_skip_share": lambda f: f.item["skips"] / (f.item["skips"] + f.item["plays"]),
    "user_skip_share": lambda f: f.event["user_skips"] / (f.event["user_skips"] + f.user["plays"]),
}
FORMULAS: dict[str, Feature] = {**LISTENER_ITEM, **ARTIST, **ITEM, **USER, **SOURCE, **EVENT}
FEATURES = tuple(FORMULAS)
