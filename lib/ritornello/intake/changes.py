"""Record the listeners that each commit of ``plays`` changed.

What was counted of their changed plays must be counted again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import ConflictError
from ritornello.plays.unique import month_of
from ritornello.tables.store import Store, Written

TABLE = "changed_listeners"
ADDED, REMOVED, CORRECTED = "added", "removed", "corrected"


def note_changes(store: Store, plays: Mapping[str, DataFrame], *, version: int) -> None:
    """Record the plays that one commit of ``plays`` changes, by reason.

    They are recorded before that commit. So a crash between the two may leave notes of a change that
    was not made, but never a change without notes. Notes that such a crash left under the same version
    stay, and only cause some extra counting. Each frame has ``user_id`` and ``played_at``.
    """
    parts = [
        listened.groupBy("user_id", month_of("played_at").alias("month")).agg(
            F.min("played_at").alias("first_played_at"),
            F.count("*").alias("plays"),
            F.lit(reason).alias("reason"),
        )
        for reason, listened in plays.items()
    ]
    notes = reduce(DataFrame.unionByName, parts)
    if store.has(TABLE, plays_version=version):
        notes = notes.unionByName(store.read(TABLE, plays_version=version).drop("plays_version"))
    joined = notes.groupBy("user_id", "month", "reason").agg(
        F.min("first_played_at").alias("first_played_at"), F.sum("plays").alias("plays")
    )
    store.replace(TABLE, joined, plays_version=version)


def commit_noted(
    store: Store, plays: Mapping[str, DataFrame], commit: Callable[[], Written]
) -> None:
    """Record what a commit of ``plays`` changes, then make the commit.

    ``commit`` writes ``plays`` once. If another writer was in between, its version is not the one
    expected, and the notes are written under the true one as well.
    """
    expected = max(store.version("plays"), 0) + 1  # a new table is created by a commit of its own
    note_changes(store, plays, version=expected)
    version = commit().version
    if version > expected:
        note_changes(store, plays, version=version)


def reopen(store: Store, tracks: DataFrame) -> None:
    """Mark whatever was counted of these tracks (track_id) to be counted again.

    For corrections of the catalogue, such as another artist of a track, or tracks that turn out to be
    the same. An empty commit of ``plays`` gives the correction its place among the changes. Delta
    would skip an empty commit, so its ``turn`` makes Delta record it. Of tracks that nobody played
    nothing was counted, and nothing is marked.
    """
    plays = store.read("plays")
    before = store.versions_read["plays"]
    of_tracks = plays.join(tracks, on="track_id", how="left_semi")
    if of_tracks.isEmpty():
        return
    turn = ("reopen", before + 1)
    commit_noted(
        store, {CORRECTED: of_tracks}, lambda: store.append("plays", plays.limit(0), turn=turn)
    )
    if store.version("plays") == before:
        raise ConflictError(
            "the correction could not be recorded among the changes of plays: run it again"
        )


def changes(store: Store) -> DataFrame:
    """Read what the commits of ``plays`` changed.

    Notes of a commit that never came are left out.
    """
    return store.read(TABLE).where(F.col("plays_version") <= store.version("plays"))


def changes_since(store: Store, version: int) -> DataFrame:
    """Read what commits after ``version`` changed."""
    return changes(store).where(F.col("plays_version") > version)


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
