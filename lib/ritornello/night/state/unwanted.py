"""Pairs that no list, playlist or export may hold."""

from datetime import datetime

from pyspark.sql import DataFrame

from ritornello.as_of import before
from ritornello.features.disliked import disliked
from ritornello.features.history import events_of_items
from ritornello.job import Context
from ritornello.night.state.listened import of_recordings
from ritornello.night.state.pairs import Choice, everyone


def unwanted_pairs(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """One row per (user_id, item_id) that the listener disliked last, as of an instant.

    There are none for artists: who dislikes a track may love another one of its artist.
    """
    pairs = disliked_tracks(context, as_of, of=of)
    return (pairs if context.settings.item_kind == "track" else pairs.limit(0)).localCheckpoint()


def disliked_tracks(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """One row per (user_id, item_id) of the tracks that a listener disliked last.

    The items are tracks, whatever kind of item the warehouse recommends.
    """
    plays, tracks = (context.store.read(name) for name in ("plays", "tracks"))
    events = events_of_items(of_recordings(context, plays), tracks, item_kind="track")
    return disliked(of(before(events, as_of)))
