"""A full delivery holds all plays of its listeners: what it no longer holds is taken back."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import QualityGateError
from ritornello.intake.changes import REMOVED, note_changes
from ritornello.intake.stored_plays import with_source_ids
from ritornello.plays.unique import SAME_PLAY
from ritornello.tables.store import Store

PLAY = ["user_id", "track_id", "played_at", "weight", "month"]


def no_longer_held(store: Store, delivered: DataFrame, *, until: datetime) -> DataFrame | None:
    """Stored plays, up to ``until``, of the delivery's listeners that it does not hold.

    ``delivered`` are all plays of its lists, the rejected too. A listener who is not in the delivery,
    or whose list is empty or missing, keeps everything. None: nothing is stored yet.
    """
    if not store.exists("plays"):
        return None
    stored = with_source_ids(store, _of_delivery(store, delivered, until=until))
    return stored.join(delivered, on=list(SAME_PLAY), how="left_anti").select(*PLAY)


def check_retraction(
    store: Store, gone: DataFrame, delivered: DataFrame, *, until: datetime, max_share: float
) -> int:
    """How many plays are to be taken back; raises if they are too many to be meant."""
    number = gone.count()
    if number == 0:
        return 0
    stored = _of_delivery(store, delivered, until=until).count()
    if number > max_share * stored:
        raise QualityGateError(
            f"this full delivery holds {number:,} of {stored:,} stored plays of its listeners no "
            f"longer, more than max_retracted_share {max_share:.2%} allows: import it with --kind "
            "increment, or raise imports.max_retracted_share if they are to go"
        )
    return number


def retract(store: Store, gone: DataFrame) -> None:
    """Take plays back, a month's partition at a time; a rerun after a crash takes the rest."""
    months = sorted(row["month"] for row in gone.select("month").distinct().collect())
    # noted first: what was counted of them is re-opened even if the next commit is the last one
    note_changes(store, {REMOVED: gone}, version=store.version("plays") + 1)
    for month in months:
        rest = store.read("plays", month=month).join(gone, on=PLAY, how="left_anti")
        laid_out = rest.repartition(1 + rest.count() // 4_000_000, "user_id")
        store.replace("plays", laid_out.sortWithinPartitions("user_id", "played_at"), month=month)


def _of_delivery(store: Store, delivered: DataFrame, *, until: datetime) -> DataFrame:
    listeners = delivered.select("source_user_id").distinct()
    users = store.read("users").join(listeners, "source_user_id", "left_semi").select("user_id")
    plays = store.read("plays").where(F.col("played_at") <= instant(until))
    return plays.join(users, on="user_id", how="left_semi")
