"""Retract stored plays that a full delivery no longer contains.

A full delivery contains all plays of its listeners.
"""

from datetime import date, datetime
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import QualityGateError
from ritornello.intake.changes import REMOVED, commit_noted
from ritornello.intake.stored_plays import with_source_ids
from ritornello.plays.unique import SAME_PLAY
from ritornello.tables.store import Store, Written

PLAY = ["user_id", "track_id", "played_at", "weight", "month"]


def no_longer_held(store: Store, delivered: DataFrame, *, until: datetime) -> DataFrame | None:
    """One row per stored play that the delivery no longer contains.

    Only plays up to ``until`` of the delivery's listeners count. ``delivered`` are all plays of its
    lists, rejected ones included. A listener who is not in the delivery, or whose list is empty or
    missing, keeps everything. Returns None if nothing is stored yet.
    """
    if not store.exists("plays"):
        return None
    stored = with_source_ids(store, _of_delivery(store, delivered, until=until))
    return stored.join(delivered, on=list(SAME_PLAY), how="left_anti").select(*PLAY)


def check_retraction(
    store: Store, gone: DataFrame, delivered: DataFrame, *, until: datetime, max_share: float
) -> int:
    """Count the plays to retract, and raise if they are suspiciously many."""
    number = gone.count()
    if number == 0:
        return 0
    stored = _of_delivery(store, delivered, until=until).count()
    if number > max_share * stored:
        raise QualityGateError(
            f"this full delivery lacks {number:,} of {stored:,} stored plays of its listeners, "
            f"more than imports.max_retracted_share {max_share:.2%} allows: check that it is "
            "complete, and import a partial delivery with --kind increment"
        )
    return number


def retract(store: Store, gone: DataFrame) -> None:
    """Remove plays from the store, one month's partition at a time.

    A rerun after a crash removes the rest.
    """
    months = sorted(row["month"] for row in gone.select("month").distinct().collect())
    for month in months:
        of_month = gone.where(F.col("month") == F.lit(month))
        commit_noted(store, {REMOVED: of_month}, partial(_without, store, of_month, month))


def _without(store: Store, gone: DataFrame, month: date) -> Written:
    rest = store.read("plays", month=month).join(gone, on=PLAY, how="left_anti")
    laid_out = rest.repartition(1 + rest.count() // 4_000_000, "user_id")
    ordered = laid_out.sortWithinPartitions("user_id", "played_at")
    return store.replace("plays", ordered, month=month)


def _of_delivery(store: Store, delivered: DataFrame, *, until: datetime) -> DataFrame:
    listeners = delivered.select("source_user_id").distinct()
    users = store.read("users").join(listeners, "source_user_id", "left_semi").select("user_id")
    plays = store.read("plays").where(F.col("played_at") <= instant(until))
    return plays.join(users, on="user_id", how="left_semi")
