"""Record the listeners that each commit of ``plays`` changed.

What was counted of their changed plays must be counted again.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import ConflictError
from ritornello.plays.unique import month_of
from ritornello.tables.store import Store

TABLE = "changed_listeners"
ADDED, REMOVED, CORRECTED = "added", "removed", "corrected"


def note_changes(store: Store, plays: Mapping[str, DataFrame], *, version: int) -> None:
    """Record the plays that one commit of ``plays`` changed, by reason.

    Each frame has ``user_id`` and ``played_at``.
    """
    parts = [
        listened.groupBy("user_id", month_of("played_at").alias("month")).agg(
            F.min("played_at").alias("first_played_at"),
            F.count("*").alias("plays"),
            F.lit(reason).alias("reason"),
        )
        for reason, listened in plays.items()
    ]
    store.replace(TABLE, reduce(DataFrame.unionByName, parts), plays_version=version)


def reopen(store: Store, tracks: DataFrame) -> None:
    """Mark whatever was counted of these tracks (track_id) to be counted again.

    For corrections of the catalogue, such as another artist of a track, or tracks that turn out to be
    the same. An empty commit of ``plays`` gives the correction its place among the changes. Delta
    would skip an empty commit, so its ``turn`` makes Delta record it.
    """
    plays = store.read("plays")
    before = store.versions_read["plays"]
    version = store.append("plays", plays.limit(0), turn=("reopen", before + 1)).version
    if version == before:
        raise ConflictError(
            "the correction could not be recorded among the changes of plays: run it again"
        )
    of_tracks = plays.join(tracks, on="track_id", how="left_semi")
    note_changes(store, {CORRECTED: of_tracks}, version=version)


def changes_since(store: Store, version: int) -> DataFrame:
    """Read what commits after ``version`` changed."""
    return store.read(TABLE).where(F.col("plays_version") > version)


def are_noted(store: Store) -> bool:
    """Return whether changes are recorded at all.

    They are not if plays were written by other means than the import.
    """
    return store.exists(TABLE)


def late_listeners(store: Store, *, version: int, before: datetime) -> DataFrame:
    """One row per listener whose earlier plays changed after a version.

    Earlier means before the instant ``before``. The only column is ``user_id``.
    """
    late = changes_since(store, version).where(F.col("first_played_at") < instant(before))
    return late.select("user_id").distinct()


def only_added(store: Store, *, version: int, before: datetime) -> bool:
    """Return whether plays before the instant were only added to.

    That is, none of them was removed or corrected after the version.
    """
    other = changes_since(store, version).where(F.col("reason") != ADDED)
    return other.where(F.col("first_played_at") < instant(before)).isEmpty()
