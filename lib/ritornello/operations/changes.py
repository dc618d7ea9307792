"""Which listeners every commit of ``plays`` changed: what else must be counted anew."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.decay import instant
from ritornello.plays.unique import month_of
from ritornello.tables.store import Store

TABLE = "changed_listeners"
ADDED, REMOVED, CORRECTED = "added", "removed", "corrected"


def note_changes(
    store: Store, added: DataFrame, *, version: int, gone: DataFrame | None = None
) -> None:
    """Note whose plays (user_id, played_at) a commit of ``plays`` added, and whose are gone."""
    rows = _changed(added, ADDED)
    if gone is not None:
        rows = rows.unionByName(_changed(gone, REMOVED))
    store.replace(TABLE, rows, plays_version=version)


def _changed(plays: DataFrame, reason: str) -> DataFrame:
    return plays.groupBy("user_id", month_of("played_at").alias("month")).agg(
        F.min("played_at").alias("first_played_at"),
        F.count("*").alias("plays"),
        F.lit(reason).alias("reason"),
    )


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
