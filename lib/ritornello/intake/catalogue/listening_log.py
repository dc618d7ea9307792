"""The listening log before an instant and the outside catalogue, with names made comparable."""

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
    """What was played before the instant; every frame lies on the executors' disks.

    ``tracks``: a played track with plays, first_played_at and title keys; ``pairs``: (listener,
    artist) with plays; ``artists``: a played artist with plays, listeners and name keys.
    """

    tracks: DataFrame
    pairs: DataFrame
    artists: DataFrame


@dataclass(frozen=True)
class Outside:
    """The imported catalogue: artists with name keys, tracks with title keys, who is on a track."""

    artists: DataFrame
    tracks: DataFrame
    credits: DataFrame
    aliases: DataFrame | None


def read_log(context: Context, as_of: datetime, held: Scratch) -> Log:
    """The plays (no skips or dislikes) before the instant."""
    store = context.store
    plays = before(store.read("plays").where(F.col("weight") > 0), as_of)
    of_pairs = held.keep(
        plays.groupBy("user_id", "track_id").agg(
            F.count("*").alias("plays"), F.min("played_at").alias("first_played_at")
        )
    )
    listed = store.read("tracks")
    pairs = held.keep(
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
        played_tracks(listed, of_pairs, held),
        pairs,
        held.keep(with_name_keys(artists, name="artist_name")),
    )


def played_tracks(listed: DataFrame, of_pairs: DataFrame, held: Scratch) -> DataFrame:
    """The listed tracks with a play, its instant and their plays, and title keys."""
    counted = of_pairs.groupBy("track_id").agg(
        F.sum("plays").alias("plays"), F.min("first_played_at").alias("first_played_at")
    )
    known = listed.select("track_id", "source_track_key", "artist_id", "track_name")
    return held.keep(
        with_title_keys(known.join(counted, on="track_id", how="inner"), title="track_name")
    )


def read_outside(context: Context, held: Scratch) -> Outside:
    """The catalogue as it was imported last."""
    store = context.store
    if not store.exists("catalogue_artists"):
        raise UsageError(
            f"no catalogue is in {store.warehouse} yet: run import-catalogue --input <folder>"
        )
    artists = with_name_keys(store.read("catalogue_artists"), name="artist_name")
    tracks = held.keep(with_title_keys(store.read("catalogue_tracks"), title="track_name"))
    has_aliases = store.exists("catalogue_aliases")
    return Outside(
        held.keep(artists),
        tracks,
        held.keep(track_credits(tracks)),
        with_name_keys(store.read("catalogue_aliases"), name="alias") if has_aliases else None,
    )
