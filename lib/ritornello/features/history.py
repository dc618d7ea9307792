"""Plays per item, and each listener's last plays in order."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.states import PAIR
from ritornello.tables.contracts import LAST_PLAYS


def events_of_items(plays: DataFrame, tracks: DataFrame, *, item_kind: str) -> DataFrame:
    """Return plays, skips and likes as (user_id, item_id, played_at, weight).

    For artists, events on tracks of unknown artists are left out.
    """
    columns = ("played_at", "weight")
    if item_kind == "track":
        return plays.select("user_id", F.col("track_id").alias("item_id"), *columns)
    artists = tracks.where(F.col("artist_id").isNotNull()).select("track_id", "artist_id")
    return plays.join(artists, on="track_id", how="inner").select(
        "user_id", F.col("artist_id").alias("item_id"), *columns
    )


def plays_of_items(plays: DataFrame, tracks: DataFrame, *, item_kind: str) -> DataFrame:
    """Return positive plays as (user_id, item_id, played_at).

    Skips and dislikes (weight below zero) are left out of all counts.
    """
    events = events_of_items(plays, tracks, item_kind=item_kind)
    return events.where(F.col("weight") > 0).drop("weight")


def histories(plays: DataFrame, *, length: int) -> DataFrame:
    """One row per listener: the last ``length`` plays, newest first.

    Plays at the same instant are ordered by larger item id first, so that the order is
    reproducible.
    """
    newest_first = F.sort_array(F.collect_list(F.struct("played_at", "item_id")), asc=False)
    return (
        plays.groupBy("user_id")
        .agg(F.slice(newest_first, 1, length).alias("_plays"))
        .select(
            "user_id",
            F.col("_plays.item_id").alias("item_ids"),
            F.col("_plays.played_at").alias("played_at"),
        )
    )


def with_last_plays(pairs: DataFrame, histories: DataFrame) -> DataFrame:
    """Add counts among the listener's last plays, and ``plays_since``.

    ``plays_in_last_n`` is how often the item occurs among the listener's last n plays.
    ``plays_since`` is how many plays came after its newest one there, null if it does not occur in
    the history.
    """
    nth = F.col("_nth")
    recent = (
        histories.select("user_id", F.posexplode("item_ids").alias("_nth", "item_id"))
        .groupBy(*PAIR)
        .agg(
            *(F.sum((nth < n).cast("int")).cast("int").alias(f"_in_{n}") for n in LAST_PLAYS),
            F.min(nth).alias("plays_since"),
        )
    )
    counts = {f"plays_in_last_{n}": F.coalesce(F.col(f"_in_{n}"), F.lit(0)) for n in LAST_PLAYS}
    return (
        pairs.join(recent, on=PAIR, how="left")
        .withColumns(counts)
        .drop(*(f"_in_{n}" for n in LAST_PLAYS))
    )
