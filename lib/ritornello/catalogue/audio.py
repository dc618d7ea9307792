"""Audio of the tracks in the listening log, from the catalogue."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.tables.contracts.catalogue import AUDIO, CATEGORIES


def matched_tracks(played: DataFrame, matches: DataFrame, catalogue: DataFrame) -> DataFrame:
    """One row per played track that the catalogue knows.

    Columns: track_id, catalogue_track_id. A track is matched by its id, else among the tracks of
    the matched artist by title, else by song. Of several matches the one with the most complete
    audio wins, then the smallest id. ``played`` has track_id, source_track_key, artist_id,
    title_key, song_key. ``catalogue`` has catalogue_track_id, title_key, song_key and its artists.
    """
    tracks = played.join(matches.select("artist_id", "catalogue_artist_id"), "artist_id", "left")
    offered = catalogue.withColumn(
        "catalogue_artist_id", F.explode_outer(F.array_distinct("catalogue_artist_ids"))
    )
    met = _keys(tracks, "source_track_key", "track_id").join(
        _keys(offered, "catalogue_track_id", "catalogue_track_id", _completeness()),
        on=["_way", "_artist", "_key"],
        how="inner",
    )
    best = F.min(F.struct("_way", "_unknown", "catalogue_track_id")).alias("_best")
    return met.groupBy("track_id").agg(best).select("track_id", "_best.catalogue_track_id")


def track_audio(matched: DataFrame, catalogue: DataFrame) -> DataFrame:
    """One row per matched track, with its audio.

    Values that the catalogue does not know are null.
    """
    duration = F.col("duration_ms").cast("bigint").alias("duration_ms")
    audio = catalogue.select("catalogue_track_id", *AUDIO, *CATEGORIES, duration)
    return matched.join(audio, on="catalogue_track_id", how="inner")


def _completeness() -> Column:
    known = (F.col(name).isNull().cast("int") for name in (*AUDIO, *CATEGORIES, "duration_ms"))
    return sum(known, F.lit(0)).alias("_unknown")


def _keys(rows: DataFrame, id_key: str, *kept: str | Column) -> DataFrame:
    """One row per way to match a track.

    A track of an unknown artist is matched by id only.
    """
    artist = F.col("catalogue_artist_id")
    ways = F.array(
        F.struct(F.lit(0).alias("_way"), F.lit("").alias("_artist"), F.col(id_key).alias("_key")),
        *(
            F.struct(F.lit(way).alias("_way"), artist.alias("_artist"), F.col(key).alias("_key"))
            for way, key in ((1, "title_key"), (2, "song_key"))
        ),
    )
    keys = rows.select(*kept, F.inline(ways))
    return keys.where(F.col("_artist").isNotNull() & F.col("_key").isNotNull())
