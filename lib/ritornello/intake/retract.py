"""Retract stored plays that a full delivery no longer contains.

A full delivery contains all plays of its listeners.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import QualityGateError
from ritornello.intake.arrival import Arrived
from ritornello.intake.changes import REMOVED, commit_noted
from ritornello.intake.number_delivery import Numbered
from ritornello.intake.numbering import Keep, Numbering
from ritornello.intake.stored_plays import with_numbers
from ritornello.plays.explode import is_play
from ritornello.plays.unique import SAME_PLAY
from ritornello.tables.store import Store, Written

PLAY = ["user_id", "track_id", "played_at", "weight", "month"]


@dataclass(frozen=True)
class Bounds:
    """The instants up to which a full delivery decides.

    Stored plays up to ``until``, its newest play, are in it or are taken back. So are plays after
    ``now``, which cannot be true.
    """

    until: datetime
    now: datetime

    def decided(self) -> Column:
        """Return whether the delivery decides about a play."""
        played_at = F.col("played_at")
        return (played_at <= instant(self.until)) | (played_at > instant(self.now))


def stored_plays_of(store: Store, delivered: DataFrame, numbering: Numbering) -> DataFrame:
    """Read the stored plays of the listeners with plays in the delivery."""
    listeners = delivered.select("character_index").distinct()
    users = numbering.user_ids(store).join(listeners, on="character_index", how="left_semi")
    return store.read("plays").join(users.select("user_id"), on="user_id", how="left_semi")


def no_longer_held(
    store: Store, stored: DataFrame, delivered: DataFrame, *, numbering: Numbering, bounds: Bounds
) -> DataFrame:
    """One row per stored play that the delivery no longer contains.

    Only plays within the bounds count. ``stored`` are the plays of its listeners (``stored_plays_of``)
    and ``delivered`` all plays of its lists, rejected ones included. A listener who is not in the
    delivery, or whose list is empty or missing, keeps everything. So does a play of a track that the
    delivery does not list, if its listener has a play of an unlisted track at that time.
    """
    decided = with_numbers(
        store, stored.where(bounds.decided()), numbering=numbering, tracks="left"
    )
    missing = decided.join(delivered, on=list(SAME_PLAY), how="left_anti")
    at = ["character_index", "played_at", "weight"]
    unlisted = delivered.join(numbering.tracks, on="track_index", how="left_anti").select(*at)
    known = F.col("track_index").isNotNull()
    unsure = missing.where(~known).join(unlisted, on=at, how="left_anti")
    return missing.where(known).select(*PLAY).unionByName(unsure.select(*PLAY))


def check_retraction(
    gone: DataFrame, stored: DataFrame, delivered: DataFrame, *, bounds: Bounds, max_share: float
) -> tuple[int, int]:
    """Count the plays to retract, and the stored plays beyond the bounds.

    Raises if suspiciously many are to be retracted.
    """
    number = gone.count()
    counts = stored.groupBy(bounds.decided().alias("decided")).count().collect()
    by_side = {row["decided"]: int(row["count"]) for row in counts}
    decided = by_side.get(True, 0)
    if number > max_share * decided:
        raise QualityGateError(
            f"this full delivery lacks {number:,} of {decided:,} stored plays of its listeners, "
            f"more than imports.max_retracted_share {max_share:.2%} allows: "
            f"{_advice(gone, delivered, number)}"
        )
    return number, by_side.get(False, 0)


def _advice(gone: DataFrame, delivered: DataFrame, number: int) -> str:
    """Say what to do about a delivery that lacks too much.

    If most of what it lacks lies within its own time, the plays are probably there under other keys,
    and an increment would store each twice.
    """
    oldest = delivered.agg(F.min("played_at")).first()
    within = gone.where(F.col("played_at") >= F.lit(oldest and oldest[0])).count()
    if within > number / 2:
        return (
            "it has other plays at that time, so it may name the same plays in another way (another "
            "kind of export, or another formats.without_track_id): convert it as before, or import "
            "it into a new warehouse, because here every play would count twice"
        )
    return "check that it is complete, and import a partial delivery with --kind increment"


@dataclass(frozen=True)
class Retraction:
    """The plays that a full delivery takes back, None without any.

    ``later`` counts stored plays of its listeners after its newest play, which stay.
    """

    plays: DataFrame | None
    later: int


NOTHING = Retraction(None, 0)


def plays_to_retract(
    store: Store, arrived: Arrived, numbered: Numbered, *, max_share: float, keep: Keep
) -> Retraction:
    """Collect the stored plays that a full delivery no longer contains.

    Raises if there are too many.
    """
    numbering = numbered.numbering
    if not store.exists("plays"):
        return NOTHING
    bounds = Bounds(arrived.until, arrived.receipt.clock)
    delivered = numbered.elements.where(is_play()).select(*SAME_PLAY)
    stored = keep(stored_plays_of(store, delivered, numbering))
    gone = keep(no_longer_held(store, stored, delivered, numbering=numbering, bounds=bounds))
    plays, later = check_retraction(gone, stored, delivered, bounds=bounds, max_share=max_share)
    return Retraction(gone if plays else None, later)


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
