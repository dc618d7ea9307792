"""Feature matrix of the ranker: a row per candidate, in the order models know."""

from collections.abc import Mapping, Sequence

import numpy as np

from ritornello.arrays import Floats32, Floats64, Ints64, look_up, pair_keys
from ritornello.errors import UsageError
from ritornello.ranking.columns import ARTIST, EVENT, FEATURES, FORMULAS, Facts
from ritornello.shelves.artists import artist_rows
from ritornello.shelves.batch import Batch, Part
from ritornello.shelves.catalogue import ABOUT, Catalogue
from ritornello.shelves.events import event_rows, skips_of_users
from ritornello.shelves.rows import Rows, looked_up


def feature_matrix(
    candidates: Rows,
    batch: Batch,
    catalogue: Catalogue,
    familiar: Rows,
    *,
    now: int,
    unknown: Sequence[str] = (),
) -> Floats32:
    """Compute every feature of every candidate of a batch.

    ``candidates`` are as of ``union_of``, and ``familiar`` the best played items by ALS, with score
    and rank. ``now`` is the instant in microseconds. Features that are ``unknown`` are NaN.
    """
    facts = facts_of(candidates, batch, catalogue, familiar, now=now)
    matrix = np.full((len(candidates), len(FEATURES)), np.nan, np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        for place, (name, formula) in enumerate(FORMULAS.items()):
            if name not in unknown:
                matrix[:, place] = formula(facts)
    return matrix


def facts_of(
    candidates: Rows, batch: Batch, catalogue: Catalogue, familiar: Rows, *, now: int
) -> Facts:
    """Look up what is known of every candidate of a batch."""
    owner, keys = candidates.owner, candidates.keys
    artist_keys = pair_keys(owner, catalogue.artists_of(candidates.item))
    at, is_there = catalogue.places(candidates.item)
    item = {name: looked_up(at, is_there, catalogue.column(name)) for name in ABOUT}
    events = batch.rows[Part.EVENT]
    said = _looked_up(event_rows(events), keys)
    counts = {name: np.nan_to_num(said[name], nan=0.0) for name in ("skips", "likes")}
    return Facts(
        now=now,
        pair=_looked_up(batch.pairs, keys),
        artist=_looked_up(artist_rows(batch.pairs, catalogue), artist_keys),
        item=item,
        user={name: values[owner] for name, values in batch.profile.items()},
        source={**candidates.columns, **_als_of_all(candidates, familiar)},
        event={
            **said,
            **counts,
            "user_skips": skips_of_users(events, len(batch.users))[owner],
        },
    )


def unknown_features(
    *, has_artists: bool, has_events: bool, leave_out: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the features that are NaN for every candidate.

    Those of artists where none is known, those of skips and likes where nobody gives any, and those
    that a setting leaves out. Raises UsageError for a name that is not a feature.
    """
    wrong = sorted(set(leave_out) - set(FEATURES))
    if wrong:
        raise UsageError(
            f"ranker.leave_out names no feature with {', '.join(wrong)}: they are {', '.join(FEATURES)}"
        )
    artists = () if has_artists else tuple(ARTIST)
    events = () if has_events else tuple(EVENT)
    return (*artists, *events, *leave_out)


def _als_of_all(candidates: Rows, familiar: Rows) -> Mapping[str, Floats64]:
    """Return score and rank by ALS, of played items among the played ones."""
    order = np.argsort(familiar.keys)
    sorted_ = familiar.where(order)
    repeats = {name: sorted_.at(candidates.keys, name) for name in ("score", "rank")}
    new = {name: candidates[f"als_{name}"] for name in repeats}
    return {
        f"als_{name}": np.where(np.isnan(new[name]), repeats[name], new[name]) for name in repeats
    }


def _looked_up(rows: Rows, keys: Ints64) -> dict[str, Floats64]:
    """Return every column by key, NaN where there is no row."""
    at, is_there = look_up(keys, rows.keys)
    return {name: looked_up(at, is_there, values) for name, values in rows.columns.items()}
