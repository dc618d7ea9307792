"""Find the keys of a delivery's numbers, and give every key one number."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.intake.numbering import (
    LISTENERS,
    TRACKS,
    Keep,
    Numbering,
    check_keys,
    measured,
    stored_way,
    with_key,
)
from ritornello.plays.keys import under_first_number
from ritornello.plays.tracks import one_per_track
from ritornello.settings.intake import ImportSettings
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Numbered:
    """A delivery whose listeners and tracks have one number each.

    ``listed`` has one row per listed track, ``elements`` the plays of the lists under the first
    number of each key.
    """

    numbering: Numbering
    listed: DataFrame
    elements: DataFrame


def number_delivery(
    store: Store,
    elements: DataFrame,
    *,
    numbers: DataFrame,
    listed: DataFrame,
    listeners: DataFrame | None,
    settings: ImportSettings,
    keep: Keep,
) -> Numbered:
    """Give every listener and track of a delivery its key and one number.

    Raises if the warehouse knows them in another way than the delivery.
    """
    by_number = keep(
        with_key(_listeners(numbers, listeners), LISTENERS, ways=settings.listener_keys)
    )
    tracks = keep(with_key(one_per_track(listed), TRACKS, ways=settings.track_keys))
    of_listeners = check_keys(store, by_number, LISTENERS, ways=settings.listener_keys)
    of_tracks = check_keys(store, tracks, TRACKS, ways=settings.track_keys)
    one_each = tracks.where("track_index = first_number").drop("first_number", "_way", "texts")
    indexes = one_each.select("track_index", "source_track_id")
    numbers_are_tracks = "text" not in of_tracks.ways
    if numbers_are_tracks:
        indexes = indexes.unionByName(_other_numbers(store, indexes))
    first = by_number.where("character_index = first_number")
    numbering = Numbering(
        measured(keep(first.select("character_index", "source_user_id", "user_name"))),
        measured(keep(indexes)),
        keep,
        numbers_are_tracks=numbers_are_tracks,
    )
    if of_listeners.several_numbers:
        elements = under_first_number(elements, by_number, number=LISTENERS.number)
    if of_tracks.several_numbers:
        elements = under_first_number(elements, tracks, number=TRACKS.number)
    return Numbered(numbering, one_each, elements)


def _listeners(numbers: DataFrame, names: DataFrame | None) -> DataFrame:
    """One row per listener of the delivery, with the name or null."""
    distinct = numbers.where("character_index >= 0").distinct()
    if names is None:
        return distinct.withColumns(
            {"user_name": F.lit(None).cast("string"), "texts": F.lit(0).cast("bigint")}
        )
    return distinct.join(names, on="character_index", how="left")


def _other_numbers(store: Store, listed: DataFrame) -> DataFrame:
    """One row per stored track that has a number and is not listed."""
    if not store.exists("tracks"):
        return listed.limit(0)
    by_number = store.read("tracks").where(stored_way(TRACKS) != "text")
    numbers = by_number.select(
        F.col("source_track_id").cast("bigint").alias("track_index"), "source_track_id"
    )
    return numbers.join(listed, on="source_track_id", how="left_anti").select(*listed.columns)
