"""The nested files of a listening service: ``interactions.parquet`` and ``tracks.parquet``.

A row of interactions is a listener with a list of plays. Both may be a file or a folder of files.
``listeners.parquet``, which `convert` writes beside them, names the listeners; it may be missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from ritornello.errors import BadInputError
from ritornello.sources.files import is_there, literal, refuse_counts
from ritornello.sources.footers import Footer, read_footers
from ritornello.sources.promises import (
    INTERACTIONS,
    LISTENERS,
    TRACKS,
    Promise,
    check_footers,
    leaves,
)


@dataclass(frozen=True)
class Delivery:
    """A folder whose files have the promised columns, by their footers."""

    folder: str
    interactions: list[Footer]
    tracks: list[Footer]
    listeners: list[Footer]

    @property
    def has_artists(self) -> bool:
        return any({"artist_name", "artist_id"} & set(one.types) for one in self.tracks)


def open_delivery(spark: SparkSession, folder: str) -> Delivery:
    """Read and check the footer of every file, without reading any rows."""
    root = folder.rstrip("/")
    refuse_counts(spark, root)
    for name in ("interactions.parquet", "tracks.parquet"):
        if not is_there(spark, f"{root}/{name}"):
            raise BadInputError(
                f"{root}: {name} is missing; a delivery holds interactions.parquet and tracks.parquet"
            )
    delivery = Delivery(
        root,
        read_footers(spark, f"{root}/interactions.parquet", columns=INTERACTIONS),
        read_footers(spark, f"{root}/tracks.parquet", columns=TRACKS),
        _listeners(spark, f"{root}/listeners.parquet"),
    )
    check_footers([*delivery.interactions], INTERACTIONS)
    check_footers([*delivery.tracks], TRACKS)
    check_footers([*delivery.listeners], LISTENERS)
    return delivery


def _listeners(spark: SparkSession, path: str) -> list[Footer]:
    return read_footers(spark, path, columns=LISTENERS) if is_there(spark, path) else []


def files_of(spark: SparkSession, delivery: Delivery) -> DataFrame:
    """One row per file of interactions: number, URI, name and row count.

    The row count is the one in the file's footer.
    """
    rows = [(number, one.uri, one.name, one.rows) for number, one in _numbered(delivery)]
    return spark.createDataFrame(
        rows, "file_number int, uri string, file string, footer_rows bigint"
    )


def read_interactions(spark: SparkSession, delivery: Delivery) -> list[DataFrame]:
    """One row per listener with a list of plays, in one or more frames.

    There is one frame for each way the files write their integers. Adds ``file_number``. Only the
    promised leaves are read.
    """
    uris = files_of(spark, delivery).select("file_number", _one_form("uri").alias("_uri"))
    files = F.broadcast(uris)
    return [
        _scan(spark, paths, schema, INTERACTIONS)
        .join(files, on="_uri", how="left")
        .select("file_number", *INTERACTIONS)
        for schema, paths in _by_schema(delivery.interactions, INTERACTIONS)
    ]


def read_tracks(spark: SparkSession, delivery: Delivery) -> DataFrame:
    """One row per entry of the tracks files, under this project's names.

    Blank artists are null. Without an ``artist_id`` the artist's name is used instead.
    """
    frames = [
        _scan(spark, paths, schema, TRACKS).select(*_track_columns())
        for schema, paths in _by_schema(delivery.tracks, TRACKS)
    ]
    return (
        reduce(DataFrame.unionByName, frames)
        .withColumn(
            "source_artist_id",
            _filled("artist_id" if _have(delivery.tracks, "artist_id") else "artist_name"),
        )
        .drop("artist_id")
    )


def read_listeners(spark: SparkSession, delivery: Delivery) -> DataFrame | None:
    """One row per listener with ``user_name``, or None without ``listeners.parquet``.

    Of several names, the first in the order of text is taken. Blank names are null.
    """
    if not delivery.listeners:
        return None
    frames = [
        _scan(spark, paths, schema, LISTENERS).select(
            F.col("character_index").cast("bigint").alias("character_index"),
            F.col("source_user_key").cast("string").alias("_name"),
        )
        for schema, paths in _by_schema(delivery.listeners, LISTENERS)
    ]
    named = reduce(DataFrame.unionByName, frames)
    return named.groupBy("character_index").agg(
        F.min(F.trim(_filled("_name"))).alias("user_name"),
        F.countDistinct(F.trim(_filled("_name"))).alias("texts"),
    )


def _numbered(delivery: Delivery) -> Iterable[tuple[int, Footer]]:
    return enumerate(delivery.interactions)


def _by_schema(
    footers: Iterable[Footer], promised: Mapping[str, Promise]
) -> list[tuple[StructType, list[str]]]:
    """Group the files' paths by the schema to read them with.

    Reading an int32 as a bigint would fail in mid-job.
    """
    groups: dict[str, tuple[StructType, list[str]]] = {}
    for footer in footers:
        schema = _read_schema(footer, promised)
        groups.setdefault(schema.json(), (schema, []))[1].append(footer.path)
    return list(groups.values())


def _read_schema(footer: Footer, promised: Mapping[str, Promise]) -> StructType:
    return StructType(
        [
            StructField(name, leaves(footer.types[name], promise.types[0]))
            for name, promise in promised.items()
            if name in footer.types and not (name in footer.nulls and promise.may_be_null)
        ]
    )


def _scan(
    spark: SparkSession, paths: list[str], schema: StructType, promised: Mapping[str, Promise]
) -> DataFrame:
    """One row per entry of these files, with the promised columns.

    Columns that these files do not have are null. ``_uri`` is the file.
    """
    frame = spark.read.schema(schema).parquet(*(literal(path) for path in paths))
    columns = [
        F.col(f"`{name}`")
        if name in schema.names
        else F.lit(None).cast(promise.types[0]).alias(name)
        for name, promise in promised.items()
    ]
    return frame.select(*columns, _one_form("_metadata.file_path").alias("_uri"))


def _one_form(uri: str) -> Column:
    """Write the URI of a local file in one form.

    Hadoop writes file:///x and file:/x for the same file.
    """
    return F.regexp_replace(uri, "^file:/+", "file:/")


def _track_columns() -> list[Column | str]:
    return [
        F.col("track_index").cast("bigint").alias("track_index"),
        F.trim(_filled("track_id")).alias("source_track_key"),
        F.col("track_name"),
        F.col("artist_name"),
        F.col("artist_id").cast("string"),
        F.col("year_category"),
        F.col("domain"),
        F.col("genre_id_list").cast("array<bigint>").alias("genre_ids"),
        F.col("track_count").cast("bigint").alias("source_play_count"),
        F.trim(_filled("recording_id")).alias("recording_key"),
        F.col("duration_ms").cast("bigint").alias("duration_ms"),
        *("explicit", "available_from", "available_until"),
    ]


def _have(footers: Iterable[Footer], column: str) -> bool:
    return any(column in footer.types for footer in footers)


def _filled(column: str) -> Column:
    return F.when(F.trim(column) != "", F.col(column))
