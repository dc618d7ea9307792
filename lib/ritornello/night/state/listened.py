"""Read plays and events of the warehouse's kind of item."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.catalogue.recordings import united
from ritornello.errors import UsageError
from ritornello.features.history import events_of_items, plays_of_items
from ritornello.job import Context


def of_recordings(context: Context, plays: DataFrame) -> DataFrame:
    """Turn plays into plays of recordings if ``catalogue.unite_recordings`` is set.

    The newest ``recordings`` are right for any earlier instant as well: a track joins a recording
    when it is first played and stays there. Plays of tracks that came later do not change.
    """
    store, settings = context.store, context.settings
    if not settings.catalogue.unite_recordings or settings.item_kind != "track":
        return plays
    newest = store.read("recordings").agg(F.max("as_of")).first()
    if newest is None or newest[0] is None:
        raise UsageError(
            "catalogue.unite_recordings needs recordings: run build-recordings --as-of <instant>"
        )
    return united(plays, store.read("recordings").where(F.col("as_of") == F.lit(newest[0])))


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
