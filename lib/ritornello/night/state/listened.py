"""Read plays and events of the warehouse's kind of item."""

from pyspark.sql import DataFrame

from ritornello.catalogue.recordings import united
from ritornello.features.history import events_of_items, plays_of_items
from ritornello.job import Context
from ritornello.night.state.unite import united_tracks


def of_recordings(context: Context, rows: DataFrame, *, track: str = "track_id") -> DataFrame:
    """Replace tracks by their recordings.

    ``track`` names the column of the track.
    """
    recordings = united_tracks(context)
    return rows if recordings is None else united(rows, recordings, track=track)


def plays_of_kind(context: Context, *, version: int | None = None) -> DataFrame:
    """Read all positive plays as plays of items.

    ``version`` names an earlier version of ``plays``.
    """
    store = context.store
    plays = store.read("plays") if version is None else store.read_version("plays", version)
    plays = of_recordings(context, plays)
    return plays_of_items(plays, store.read("tracks"), item_kind=context.settings.item_kind)


def events_of_kind(context: Context) -> DataFrame:
    """Read all plays, skips and likes as events of items."""
    store = context.store
    plays = of_recordings(context, store.read("plays"))
    return events_of_items(plays, store.read("tracks"), item_kind=context.settings.item_kind)
