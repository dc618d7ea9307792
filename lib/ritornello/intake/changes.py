"""Which listeners every commit of ``plays`` changed: what else must be counted anew."""

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
    """Note, by reason, the plays (user_id, played_at) that a commit of ``plays`` changed."""
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
    """Whatever was counted of these tracks (track_id) is to be counted anew.

    For corrections of the catalogue: another artist of a track, tracks that turn out to be one. An
    empty commit of ``plays`` gives the correction its place among the changes; its turn makes Delta
    record it, which leaves out commits of nothing.
    """
    plays = store.read("plays")
    before = store.versions_read["plays"]
    version = store.append("plays", plays.limit(0), turn=("reopen", before + 1)).version
    if version == before:
        raise ConflictError("a correction found no place among the changes of plays: run it again")
    of_tracks = plays.join(tracks, on="track_id", how="left_semi")
    note_changes(store, {CORRECTED: of_tracks}, version=version)


def changes_since(store: Store, version: int) -> DataFrame:
    """What later commits than ``version`` changed."""
    return store.read(TABLE).where(F.col("plays_version") > version)


def are_noted(store: Store) -> bool:
    """Whether changes are known at all: plays that were put there otherwise are not noted."""
    return store.exists(TABLE)


def late_listeners(store: Store, *, version: int, before: datetime) -> DataFrame:
    """(user_id) whose plays before an instant changed after a version."""
    late = changes_since(store, version).where(F.col("first_played_at") < instant(before))
    return late.select("user_id").distinct()


def only_added(store: Store, *, version: int, before: datetime) -> bool:
    """Whether nothing before the instant was removed or corrected after a version."""
    other = changes_since(store, version).where(F.col("reason") != ADDED)
    return other.where(F.col("first_played_at") < instant(before)).isEmpty()
