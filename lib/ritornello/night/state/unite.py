"""Unite tracks that are versions of one recording, and record which ones.

All that is counted of plays is counted by the tracks as united here. So a track that joins a
recording, leaves it or changes to another one re-opens what was counted of its plays, and so does the
setting when it is switched on or off.
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.catalogue.keys import with_name_keys, with_title_keys
from ritornello.catalogue.recordings import RULES, artist_keys, recordings
from ritornello.identity.name_keys import artist_key
from ritornello.intake.changes import reopen
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.tables.upkeep import slices_of

TABLE = "recordings"
COUNTED_AS = ["track_id", "recording_id"]


def united_tracks(context: Context) -> DataFrame | None:
    """One row per track that counts as another one: track_id, recording_id.

    None if tracks were never united.
    """
    if not context.store.exists(TABLE):
        return None
    return context.store.read(TABLE).select(*COUNTED_AS)


def unite_tracks(context: Context) -> str:
    """Bring `recordings` up to date with the names of tracks and the setting.

    Only facts of tracks count, no plays, so recordings are right for any instant. Returns a sentence
    with the number of tracks by rule.
    """
    store, settings = context.store, context.settings.catalogue
    if settings.unite_recordings and store.exists("tracks"):
        tolerance = settings.duration_tolerance_seconds
        count_as(context, recordings(_named_tracks(context), tolerance_seconds=tolerance))
    elif store.exists(TABLE):
        count_as(context, store.read(TABLE).limit(0))
    return _sentence(context)


def count_as(context: Context, united: DataFrame) -> None:
    """Replace `recordings`, and re-open what was counted of the tracks that move.

    The change is noted before the table is written, so that a crash between the two is found by the
    next run.
    """
    store = context.store
    united = united.localCheckpoint()
    moved = _moved(context, united).localCheckpoint()
    if moved.isEmpty() and store.exists(TABLE):
        return
    with import_lease(context):
        if not moved.isEmpty() and store.exists("plays"):
            reopen(store, moved)
        store.replace(TABLE, united)


def _named_tracks(context: Context) -> DataFrame:
    """One row per track with comparable names and its length."""
    store = context.store
    own = F.col("source_artist_id")
    is_name = (own == F.col("artist_name")) | own.eqNullSafe(artist_key("artist_name"))
    artists = with_name_keys(store.read("artists"), name="artist_name").withColumn(
        "is_name", F.coalesce(is_name, F.lit(False))
    )
    tracks = with_title_keys(
        store.read("tracks").select(
            *("track_id", "artist_id", "track_name", "duration_ms", "recording_key")
        ),
        title="track_name",
    ).join(artist_keys(artists), on="artist_id", how="left")
    lengths = _lengths(context)
    if lengths is None:
        return tracks
    measured = lengths.withColumnRenamed("duration_ms", "_measured")
    return tracks.join(measured, on="track_id", how="left").withColumn(
        "duration_ms", F.coalesce("duration_ms", "_measured")
    )


def _lengths(context: Context) -> DataFrame | None:
    """Read the lengths that the newest `build-catalogue` found, or None."""
    store = context.store
    if not (store.exists("track_audio") and store.exists("artist_matches")):
        return None
    both = set(slices_of(store, "track_audio")) & set(slices_of(store, "artist_matches"))
    return _lengths_without_doubt(context, max(both)) if both else None


def _lengths_without_doubt(context: Context, as_of: datetime) -> DataFrame:
    """One row per track with a known length and no homonymous artist.

    Homonyms are resolved by plays before an instant, and recordings must not depend on that.
    """
    store = context.store
    audio, matches = (store.read(name, as_of=as_of) for name in ("track_audio", "artist_matches"))
    doubtful = matches.where(F.col("homonyms") > 1).select("artist_id")
    sure = store.read("tracks").select("track_id", "artist_id")
    sure = sure.join(doubtful, on="artist_id", how="anti")
    return audio.join(sure, on="track_id", how="semi").select("track_id", "duration_ms")


def _moved(context: Context, united: DataFrame) -> DataFrame:
    """One row per track (track_id) that counts as another one than before."""
    before = united_tracks(context)
    if before is None:
        return united.select("track_id")
    both = united.select(*COUNTED_AS).join(
        before.withColumnRenamed("recording_id", "_before"), on="track_id", how="full_outer"
    )
    return both.where(~F.col("recording_id").eqNullSafe(F.col("_before"))).select("track_id")


def _sentence(context: Context) -> str:
    if not context.store.exists(TABLE):
        return "no tracks are united: catalogue.unite_recordings is off"
    rows = context.store.read(TABLE).groupBy("rule").count().collect()
    counted = {row["rule"]: int(row["count"]) for row in rows}
    by_rule = ", ".join(f"{counted[rule]:,} by {rule}" for rule in RULES if counted.get(rule))
    return f"{sum(counted.values()):,} tracks count as another one" + (by_rule and f" ({by_rule})")
