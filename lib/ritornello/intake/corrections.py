"""Correct the facts of listeners and tracks by later deliveries.

Ids stay. A name or an artist that arrives later fills a gap, and another one replaces the old one; an
empty value in a delivery replaces nothing.
"""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.identity.name_keys import artist_key
from ritornello.intake.changes import reopen
from ritornello.tables.store import Store

OF_TRACKS = (
    "source_track_key",
    "artist_id",
    "track_name",
    "year_category",
    "domain",
    "genre_ids",
    "duration_ms",
    "explicit",
    "available_from",
    "available_until",
    "recording_key",
)


def correct_tracks(store: Store, listed: DataFrame) -> int:
    """Correct the stored tracks and count those that changed.

    ``listed`` has one row per delivered track with its artist_id. What was counted of a track by its
    artist is counted again.
    """
    stored = store.read("tracks")
    corrected = _corrected(stored, listed, "source_track_id", OF_TRACKS)
    if corrected.isEmpty():
        return 0
    moved = corrected.where(_differs("artist_id")).select("track_id")
    if store.exists("plays") and not moved.isEmpty():
        reopen(store, moved)
    return _replace(store, "tracks", stored, corrected, "track_id")


def correct_artists(store: Store, delivered: DataFrame) -> int:
    """Correct the stored names of artists and count those that changed.

    An artist that is known by name keeps the spelling that came first.
    """
    stored = store.read("artists")
    by_id = delivered.where(F.col("source_artist_id") != artist_key("artist_name"))
    by_id = by_id.where(F.col("source_artist_id") != F.col("artist_name"))
    corrected = _corrected(stored, by_id, "source_artist_id", ("artist_name",))
    if corrected.isEmpty():
        return 0
    return _replace(store, "artists", stored, corrected, "artist_id")


def correct_users(store: Store, names: DataFrame) -> int:
    """Correct the stored names of listeners and count those that changed."""
    stored = store.read("users")
    corrected = _corrected(stored, names, "source_user_id", ("user_name",))
    if corrected.isEmpty():
        return 0
    return _replace(store, "users", stored, corrected, "user_id")


def _corrected(
    stored: DataFrame, delivered: DataFrame, key: str, columns: tuple[str, ...]
) -> DataFrame:
    """Keep the stored rows that change, the new value of a column as ``_new_<column>``."""
    new = {
        f"_new_{name}": _filled(name, delivered.schema[name].dataType.simpleString())
        for name in columns
    }
    values = delivered.select(key, *(value.alias(name) for name, value in new.items()))
    joined = stored.join(values, on=key, how="inner").localCheckpoint()
    return joined.where(reduce(or_, [_differs(name) for name in columns]))


def _filled(name: str, type_: str) -> Column:
    """Return the delivered value, null where it is blank or empty."""
    if type_ == "string":
        return F.when(F.trim(name) != "", F.col(name))
    if type_.startswith("array"):
        return F.when(F.size(name) > 0, F.col(name))
    return F.col(name)


def _differs(name: str) -> Column:
    return F.col(f"_new_{name}").isNotNull() & ~F.col(f"_new_{name}").eqNullSafe(F.col(name))


def _replace(store: Store, table: str, stored: DataFrame, corrected: DataFrame, key: str) -> int:
    new = [name for name in corrected.columns if name.startswith("_new_")]
    values = {name.removeprefix("_new_"): name for name in new}
    rows = corrected.select(
        *(
            F.coalesce(values[name], F.col(name)).alias(name) if name in values else F.col(name)
            for name in stored.columns
        )
    )
    others = stored.join(corrected.select(key), on=key, how="left_anti")
    store.replace(table, others.unionByName(rows))
    return corrected.count()
