"""Group played tracks that are versions of one recording."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.catalogue.keys import with_name_keys
from ritornello.catalogue.recordings import recordings
from ritornello.identity.name_keys import artist_key
from ritornello.intake.catalogue.listening_log import played_tracks
from ritornello.job import Context
from ritornello.scratch import scratch


def build_recordings(context: Context, as_of: datetime) -> None:
    """Write ``recordings`` as of an instant.

    Track lengths are known only if ``build_catalogue`` has run.
    """
    store = context.store
    with context.step("build_recordings", as_of), scratch() as scratchpad:
        plays = before(store.read("plays").where(F.col("weight") > 0), as_of)
        of_tracks = plays.groupBy("track_id").agg(
            F.count("*").alias("plays"), F.min("played_at").alias("first_played_at")
        )
        tracks = played_tracks(store.read("tracks"), of_tracks, scratchpad)
        write_recordings(context, as_of, tracks, _lengths(context, as_of))


def write_recordings(
    context: Context, as_of: datetime, tracks: DataFrame, lengths: DataFrame
) -> None:
    """Write ``recordings`` from played tracks and their lengths.

    ``tracks`` have title keys. ``lengths`` has track_id and duration_ms.
    """
    artists = with_name_keys(context.store.read("artists"), name="artist_name")
    own = F.col("source_artist_id")
    named = (own == F.col("artist_name")) | own.eqNullSafe(artist_key("artist_name"))
    key = F.when(named, F.col("keys.alphanumeric")).otherwise(F.col("source_artist_id"))
    played = tracks.join(
        artists.select("artist_id", key.alias("artist_key")), on="artist_id", how="left"
    ).join(lengths, on="track_id", how="left")
    tolerance = context.settings.catalogue.duration_tolerance_seconds
    rows = recordings(played, tolerance_seconds=tolerance)
    context.store.replace("recordings", rows, as_of=as_of)


def lengths_without_doubt(audio: DataFrame, tracks: DataFrame, matches: DataFrame) -> DataFrame:
    """One row per track with a known length and no homonymous artist.

    Homonyms are resolved by plays before the instant, and recordings must not depend on that.
    """
    doubtful = matches.where(F.col("homonyms") > 1).select("artist_id")
    sure = tracks.select("track_id", "artist_id").join(doubtful, on="artist_id", how="anti")
    return audio.join(sure, on="track_id", how="semi").select("track_id", "duration_ms")


def _lengths(context: Context, as_of: datetime) -> DataFrame:
    store = context.store
    if not (store.exists("track_audio") and store.has("artist_matches", as_of=as_of)):
        nothing = "SELECT CAST(NULL AS int) AS track_id, CAST(NULL AS bigint) AS duration_ms"
        return context.spark.sql(f"{nothing} WHERE false")
    return lengths_without_doubt(
        store.read("track_audio", as_of=as_of),
        store.read("tracks"),
        store.read("artist_matches", as_of=as_of),
    )
