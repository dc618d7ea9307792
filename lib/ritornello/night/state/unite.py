"""Unite tracks that are versions of one recording, and record which ones.

All that is counted of plays is counted by the tracks as united here. So a track that joins a
recording, leaves it or changes to another one re-opens what was counted of its plays, and so does the
setting when it is switched on or off.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.intake.changes import reopen
from ritornello.job import Context
from ritornello.lease import import_lease

TABLE = "united_tracks"
COUNTED_AS = ["track_id", "recording_id"]


def are_united(context: Context) -> bool:
    """Return whether this warehouse counts versions of a recording together."""
    return context.settings.catalogue.unite_recordings and context.settings.item_kind == "track"


def united_tracks(context: Context) -> DataFrame | None:
    """One row per track that counts as another one: track_id, recording_id.

    None if no track does, or before the first count of plays since the setting was switched on.
    """
    if not (are_united(context) and context.store.exists(TABLE)):
        return None
    return context.store.read(TABLE).select(*COUNTED_AS)


def unite_tracks(context: Context) -> None:
    """Bring `united_tracks` up to date with the setting and the newest recordings.

    The newest recordings are right for any earlier instant as well: a track joins a recording when it
    is first played and stays there, unless a correction or a late play moves it. The change is noted
    before the table is written, so that a crash between the two is found by the next run.
    """
    store = context.store
    if context.settings.item_kind != "track" or not (are_united(context) or store.exists(TABLE)):
        return
    united = _united_now(context).localCheckpoint()
    moved = _moved(context, united).localCheckpoint()
    if moved.isEmpty() and store.exists(TABLE):
        return
    with import_lease(context):
        if not moved.isEmpty() and store.exists("plays"):
            reopen(store, moved)
        store.replace(TABLE, united)


def _united_now(context: Context) -> DataFrame:
    store = context.store
    if not are_united(context):
        return store.read(TABLE).select(*COUNTED_AS).limit(0)
    if not store.exists("recordings"):
        raise UsageError(
            "catalogue.unite_recordings needs recordings: run build-recordings --as-of <instant>"
        )
    newest = store.read("recordings").agg(F.max("as_of")).first()
    rows = store.read("recordings").where(F.col("as_of") == F.lit(newest[0] if newest else None))
    return rows.where("recording_id != track_id").select(*COUNTED_AS)


def _moved(context: Context, united: DataFrame) -> DataFrame:
    """One row per track (track_id) that counts as another one than before."""
    if not context.store.exists(TABLE):
        return united.select("track_id")
    before = context.store.read(TABLE).select("track_id", F.col("recording_id").alias("_before"))
    both = united.join(before, on="track_id", how="full_outer")
    return both.where(~F.col("recording_id").eqNullSafe(F.col("_before"))).select("track_id")
