"""Append plays to the store, and read them under the numbers of a delivery."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.intake.changes import ADDED, commit_noted
from ritornello.intake.numbering import Numbering
from ritornello.plays.unique import month_of, without_stored
from ritornello.tables.store import Store, Written

PLAYS_PER_FILE = 4_000_000


def stored_plays(
    store: Store, *, months: Sequence[date], before: str, numbering: Numbering
) -> DataFrame | None:
    """Read the stored plays of a delivery's listeners and tracks in some months.

    If an earlier run made the commit marked ``before`` and then crashed, the plays are read as they
    were before that commit. Returns None if there is no table.
    """
    if not store.exists("plays"):
        return None
    done = store.marked("plays", before)
    plays = store.read("plays") if done is None else store.read_version("plays", done - 1)
    return with_numbers(
        store, plays.where(F.col("month").isin(list(months))), numbering=numbering, tracks="inner"
    )


def with_numbers(store: Store, plays: DataFrame, *, numbering: Numbering, tracks: str) -> DataFrame:
    """Add the delivery's numbers of listeners and tracks.

    Plays of other listeners are dropped. ``tracks`` is how to join the tracks: with "left", plays of
    other tracks stay and have no number. The weight gets the delivery's type, bigint.
    """
    return (
        plays.join(numbering.user_ids(store), on="user_id", how="inner")
        .join(numbering.track_ids(store), on="track_id", how=tracks)
        .withColumn("weight", F.col("weight").cast("bigint"))
    )


def append_plays(
    store: Store, kept: DataFrame, *, mark: str, numbering: Numbering, received_at: datetime
) -> None:
    """Append plays under their dense ids, as received at an instant.

    They are written as one file per month and slice of listeners, sorted by listener and time. If an
    earlier try made the commit with ``mark``, only plays that it lacks are appended: a play that was
    still in the future at the first try may be accepted now.
    """
    again = store.marked("plays", mark) is not None
    if again:
        stored = with_numbers(store, store.read("plays"), numbering=numbering, tracks="inner")
        kept = without_stored(kept, stored)
        if kept.isEmpty():
            return
    listened = kept.join(numbering.user_ids(store), on="character_index", how="inner")
    rows = listened.join(numbering.track_ids(store), on="track_index", how="inner").select(
        "user_id",
        "track_id",
        "played_at",
        F.col("weight").cast("int"),
        month_of("played_at").alias("month"),
        instant(received_at).alias("received_at"),
    )
    commit_noted(
        store, {ADDED: listened}, partial(_append, store, kept, rows, None if again else mark)
    )


def _append(store: Store, kept: DataFrame, rows: DataFrame, mark: str | None) -> Written:
    slices = 1 + kept.count() // PLAYS_PER_FILE
    laid_out = rows.repartition("month", F.pmod("user_id", F.lit(slices))).sortWithinPartitions(
        "month", "user_id", "played_at"
    )
    return store.append("plays", laid_out, mark=mark)
