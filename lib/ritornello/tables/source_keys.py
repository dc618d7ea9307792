"""Put tables of version 0.1.0 under text keys.

Before 0.2.0 a source's numbers were its keys. They stay the keys, as text, except where a track has a
text id of its own. Every function may run again on its own result.
"""

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Read = Callable[[str], DataFrame]


def users_under_keys(users: DataFrame, read: Read) -> DataFrame:
    """Write the numbers of listeners as text."""
    return users.withColumn("source_user_id", F.col("source_user_id").cast("string"))


def tracks_under_keys(tracks: DataFrame, read: Read) -> DataFrame:
    """Know tracks by their text id, and by their number where they have none.

    Of several tracks with one text id, only the one with the smallest ``track_id`` gets it.
    """
    text = F.when(F.trim("source_track_key") != "", F.trim("source_track_key"))
    trimmed = tracks.withColumns(
        {"source_track_key": text, "source_track_id": F.col("source_track_id").cast("string")}
    )
    has_text = F.col("source_track_key").isNotNull()
    firsts = trimmed.where(has_text).groupBy("source_track_key")
    oldest = firsts.agg(F.min("track_id").alias("track_id"))
    key = oldest.select("track_id", F.col("source_track_key").alias("_key"))
    joined = trimmed.join(key, on="track_id", how="left")
    return joined.withColumn("source_track_id", F.coalesce("_key", "source_track_id")).drop("_key")


def rejected_under_keys(rejected: DataFrame, read: Read) -> DataFrame:
    """Replace the old track numbers of rejected plays by keys.

    A number without a track stays a number.
    """
    old = read("tracks").withColumn("_number", F.col("source_track_id").cast("string"))
    keys = tracks_under_keys(old, read).select("_number", F.col("source_track_id").alias("_key"))
    named = rejected.join(keys, on=F.col("source_track_id") == F.col("_number"), how="left")
    key = F.coalesce("_key", "source_track_id")
    return named.withColumn("source_track_id", key).drop("_key", "_number")


def recommendations_under_keys(lists: DataFrame, read: Read) -> DataFrame:
    """Give lists the keys of their listeners and items."""
    for kind in ("track", "artist"):
        if f"{kind}_id" in lists.columns:
            lists = _with_keys(lists, read(f"{kind}s"), f"{kind}_id", f"source_{kind}_id")
    return _with_keys(lists, read("users"), "user_id", "source_user_id")


def playlists_under_keys(playlists: DataFrame, read: Read) -> DataFrame:
    """Give playlists and their candidates the keys of listeners and tracks."""
    keyed = _with_keys(playlists, read("tracks"), "track_id", "source_track_id")
    if "source_user_id" not in keyed.columns:
        return keyed
    return _with_keys(keyed, read("users"), "user_id", "source_user_id")


def none_united(recordings: DataFrame) -> DataFrame:
    """Forget recordings by night: the next night unites tracks by their names."""
    return recordings.limit(0).withColumn("rule", F.lit("title"))


def _with_keys(rows: DataFrame, named: DataFrame, id_column: str, key: str) -> DataFrame:
    """Replace a key by the one of a table.

    Where the id is unknown, the key stays, as text.
    """
    keys = named.select(id_column, F.col(key).cast("string").alias("_key"))
    joined = rows.join(keys, on=id_column, how="left")
    return joined.withColumn(key, F.coalesce("_key", F.col(key).cast("string"))).drop("_key")
