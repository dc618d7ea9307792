"""Pairs that no list, playlist or export may hold."""

from datetime import datetime

from pyspark.sql import DataFrame

from ritornello.as_of import before
from ritornello.features.disliked import disliked
from ritornello.job import Context
from ritornello.night.state.listened import events_of_kind
from ritornello.night.state.pairs import Choice, everyone


def unwanted_pairs(context: Context, as_of: datetime, *, of: Choice = everyone) -> DataFrame:
    """One row per (user_id, item_id) that the listener disliked last, as of an instant.

    There are none for artists: who dislikes a track may love another one of its artist.
    """
    events = before(events_of_kind(context), as_of)
    if context.settings.item_kind != "track":
        events = events.limit(0)
    return disliked(of(events)).localCheckpoint()
