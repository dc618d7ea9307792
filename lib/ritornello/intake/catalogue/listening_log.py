"""Read the listening log and the external catalogue with comparable names."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import before
from ritornello.catalogue.genres import track_credits
from ritornello.catalogue.keys import with_name_keys, with_title_keys
from ritornello.errors import UsageError
from ritornello.job import Context
from ritornello.scratch import Scratch


@dataclass(frozen=True)
class Log:
    """Plays before the instant, summed by track, pair and artist.

    ``tracks``: one row per played track with plays, first_played_at and title keys. ``pairs``: one
    row per (listener, artist) with plays. ``artists``: one row per played artist with plays,
    listeners and name keys. Every frame is cached on the executors' disks.
    """

    tracks: DataFrame
    pairs: DataFrame
    artists: DataFrame


@dataclass(frozen=True)
class Outside:
    """The imported catalogue.

    ``artists`` have name keys, ``tracks`` have title keys, ``credits`` say who is on a track.
    """

    artists: DataFrame
    tracks: DataFrame
    credits: DataFrame
    aliases: DataFrame | None


def read_log(context: Context, as_of: datetime, scratchpad: Scratch) -> Log:
    """Read the plays before the instant, without skips and dislikes."""
    store = context.store
    plays = before(store.read("plays").where(F.col("weight") > 0), as_of)
    of_pairs = scratchpad.keep(
        plays.groupBy("user_id", "track_id").agg(
            F.count("*").alias("plays"), F.min("played_at").alias("first_played_at")
        )
    )
    listed = store.read("tracks")
    pairs = scratchpad.keep(
        of_pairs.join(listed.select("track_id", "artist_id"), on="track_id", how="inner")
        .where(F.col("artist_id").isNotNull())
        .groupBy("user_id", "artist_id")
        .agg(F.sum("plays").alias("plays"))
    )
    counted = pairs.groupBy("artist_id").agg(
        F.sum("plays").alias("plays"), F.count("*").alias("listeners")
    )
    artists = store.read("artists").join(counted, on="artist_id", how="inner")
    return Log(
        played_tracks(listed, of_pairs, scratchpad),
        pairs,
        scratchpad.keep(with_name_keys(artists, name="artist_name")),
    )


def played_tracks(listed: DataFrame, of_pairs: DataFrame, scratchpad: Scratch) -> DataFrame:
    """One row per listed track that was played.

    With its number of plays, its first play and title keys.
    """
    counted = of_pairs.groupBy("track_id").agg(
        F.sum("plays").alias("plays"), F.min("first_played_at").alias("first_played_at")
    )
    known = listed.select("track_id", "source_track_key", "artist_id", "track_name")
    return scratchpad.keep(
        with_title_keys(known.join(counted, on="track_id", how="inner"), title="track_name")
    )


def read_outside(context: Context, scratchpad: Scratch) -> Outside:
    """Read the catalogue as it was last imported."""
    store = context.store
    if not store.exists("catalogue_artists"):
        raise UsageError(
            f"no catalogue is in {store.warehouse} yet: run import-catalogue --input <folder>"
        )
    artists = with_name_keys(store.read("catalogue_artists"), name="artist_name")
    tracks = scratchpad.keep(with_title_keys(store.read("catalogue_tracks"), title="track_name"))
    has_aliases = store.exists("catalogue_aliases")
    return Outside(
        scratchpad.keep(artists),
        tracks,
        scratchpad.keep(track_credits(tracks)),
        with_name_keys(store.read("catalogue_aliases"), name="alias") if has_aliases else None,
    )
