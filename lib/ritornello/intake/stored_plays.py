"""Append plays to the store and read them under source ids."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.intake.changes import ADDED, commit_noted
from ritornello.intake.new_ids import known_ids
from ritornello.plays.unique import month_of
from ritornello.tables.store import Store, Written

PLAYS_PER_FILE = 4_000_000


def stored_plays(store: Store, *, months: Sequence[date], before: str) -> DataFrame | None:
    """Read the stored plays of some months under the source's ids.

    If an earlier run made the commit marked ``before`` and then crashed, the plays are read as they
    were before that commit. Returns None if there is no table.
    """
    if not store.exists("plays"):
        return None
    done = store.marked("plays", before)
    plays = store.read("plays") if done is None else store.read_version("plays", done - 1)
    return with_source_ids(store, plays.where(F.col("month").isin(list(months))))


def with_source_ids(store: Store, plays: DataFrame) -> DataFrame:
    """Add the source's ids of listeners and tracks.

    The weight gets the source's type, bigint.
    """
    return (
        plays.join(
            known_ids(store, "users", "source_user_id", "user_id"), on="user_id", how="inner"
        )
        .join(known_ids(store, "tracks", "source_track_id", "track_id"), on="track_id", how="inner")
        .withColumn("weight", F.col("weight").cast("bigint"))
    )


def append_plays(store: Store, kept: DataFrame, *, mark: str) -> None:
    """Append plays under their dense ids.

    They are written as one file per month and slice of listeners, sorted by listener and time. A
    commit that has ``mark`` already is not repeated.
    """
    if store.marked("plays", mark) is not None:
        return
    users = known_ids(store, "users", "source_user_id", "user_id")
    listened = kept.join(users, on="source_user_id", how="inner")
    commit_noted(store, {ADDED: listened}, partial(_append, store, kept, mark))


def _append(store: Store, kept: DataFrame, mark: str) -> Written:
    users = known_ids(store, "users", "source_user_id", "user_id")
    tracks = known_ids(store, "tracks", "source_track_id", "track_id")
    rows = (
        kept.join(users, on="source_user_id", how="inner")
        .join(tracks, on="source_track_id", how="inner")
        .select(
            "user_id",
            "track_id",
            "played_at",
            F.col("weight").cast("int"),
            month_of("played_at").alias("month"),
        )
    )
    slices = 1 + kept.count() // PLAYS_PER_FILE
    laid_out = rows.repartition("month", F.pmod("user_id", F.lit(slices))).sortWithinPartitions(
        "month", "user_id", "played_at"
    )
    return store.append("plays", laid_out, mark=mark)
