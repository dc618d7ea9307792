"""The slices that steps read and write."""

from datetime import datetime

from ritornello.instants import month_start
from ritornello.tables.slices import Slice, part

TRACKS, USERS = Slice("tracks", grows=True), Slice("users", grows=True)
RECORDINGS = Slice("recordings")
NAMES = tuple(Slice(name) for name in ("tracks", "artists", "track_audio", "artist_matches"))
# what decides whether an item may be served, besides plays and tracks
MAY_BE_SERVED = (Slice("artists", grows=True), USERS, Slice("bars"), Slice("track_audio"))

FEATURE_TABLES = ("histories", "pair_history", "item_stats", "user_profile")

ALS_TABLES = ("als_user_factors", "als_item_factors")


def day_of(as_of: datetime, *tables: str) -> tuple[Slice, ...]:
    """Return the slices of these tables as of an instant."""
    return tuple(part(table, as_of=as_of) for table in tables)


def plays_before(as_of: datetime) -> Slice:
    return Slice("plays", before=as_of)


def state_before(as_of: datetime) -> tuple[Slice, ...]:
    """Return the slices from which pairs and histories are assembled.

    They serve any listener, as of the instant.
    """
    return (checkpoints_before(as_of), plays_before(as_of), TRACKS, RECORDINGS)


def checkpoints_before(as_of: datetime) -> Slice:
    return Slice("pair_checkpoints", up_to=month_start(as_of))
