"""What was listened to, as plays and events of the warehouse's kind of item."""

from pyspark.sql import DataFrame

from ritornello.features.history import events_of_items, plays_of_items
from ritornello.intake.catalogue.recordings import of_recordings
from ritornello.job import Context


def plays_of_kind(context: Context, *, version: int | None = None) -> DataFrame:
    """All positive plays as plays of items; of an earlier version of ``plays`` if one is named."""
    store = context.store
    plays = store.read("plays") if version is None else store.read_version("plays", version)
    plays = of_recordings(context, plays)
    return plays_of_items(plays, store.read("tracks"), item_kind=context.settings.item_kind)


def events_of_kind(context: Context) -> DataFrame:
    """All plays, skips and likes of the warehouse as events of items."""
    store = context.store
    plays = of_recordings(context, store.read("plays"))
    return events_of_items(plays, store.read("tracks"), item_kind=context.settings.item_kind)
