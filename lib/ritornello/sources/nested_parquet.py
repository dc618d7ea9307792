"""The nested files of a listening service: ``interactions.parquet`` and ``tracks.parquet``.

A row of interactions is a listener with a list of plays; both may be a file or a folder of files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import NullType, StructField, StructType

from ritornello.errors import BadInputError
from ritornello.sources.footers import Footer, read_footers
from ritornello.sources.promises import INTERACTIONS, TRACKS, Promise, check_footers, leaves

READING = re.compile(
    r"(?:while reading file|not a Parquet file|in file|File does not exist:?|Could not read footer"
    r" for file:?|Checksum error:|for column chunk in)\s+(?P<file>(?:file:|[a-z0-9]+://|/)\S+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Delivery:
    """A folder whose files' footers keep what is promised."""

    folder: str
    interactions: list[Footer]
    tracks: list[Footer]

    @property
    def has_artists(self) -> bool:
        return any({"artist_name", "artist_id"} & set(one.types) for one in self.tracks)


def open_delivery(spark: SparkSession, folder: str) -> Delivery:
    """Read and check every file's footer; no row is read."""
    root = folder.rstrip("/")
    delivery = Delivery(
        root,
        read_footers(spark, f"{root}/interactions.parquet", columns=INTERACTIONS),
        read_footers(spark, f"{root}/tracks.parquet", columns=TRACKS),
    )
    check_footers([*delivery.interactions], INTERACTIONS)
    check_footers([*delivery.tracks], TRACKS)
    return delivery


def files_of(spark: SparkSession, delivery: Delivery) -> DataFrame:
    """One file of interactions: its number, name and the rows its footer counts."""
    rows = [(number, one.uri, one.name, one.rows) for number, one in _numbered(delivery)]
    return spark.createDataFrame(
        rows, "file_number int, uri string, file string, footer_rows bigint"
    )


def read_interactions(spark: SparkSession, delivery: Delivery) -> list[DataFrame]:
    """One frame for each way the files write their integers: a row is a listener with a list.

    Adds ``file_number``. Only the promised leaves are read.
    """
    uris = files_of(spark, delivery).select("file_number", _one_form("uri").alias("_uri"))
    files = F.broadcast(uris)
    return [
        _scan(spark, paths, schema)
        .join(files, on="_uri", how="left")
        .select("file_number", *INTERACTIONS)
        for schema, paths in _by_schema(delivery.interactions, INTERACTIONS)
    ]


def read_tracks(spark: SparkSession, delivery: Delivery) -> DataFrame:
    """One row of the tracks files under this project's names; blank artists are null.

    Without an ``artist_id`` the artist's name stands for it.
    """
    frames = [
        _scan(spark, paths, schema).select(*_track_columns())
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


@contextmanager
def failing_reads_are_bad_input() -> Iterator[None]:
    """A read that fails in mid-job (a wrong checksum, a torn file) names its file, exit code 3."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        found = READING.search(str(error))
        if not found:
            raise
        file = found.group("file").rstrip(".,;:")
        raise BadInputError(f"{file}: the file is damaged or cannot be read") from error


def _numbered(delivery: Delivery) -> Iterable[tuple[int, Footer]]:
    return enumerate(delivery.interactions)


def _by_schema(
    footers: Iterable[Footer], promised: Mapping[str, Promise]
) -> list[tuple[StructType, list[str]]]:
    """Paths by what is asked of them: int32 read as bigint would fail in mid-job."""
    groups: dict[str, tuple[StructType, list[str]]] = {}
    for footer in footers:
        schema = _read_schema(footer, promised)
        groups.setdefault(schema.json(), (schema, []))[1].append(footer.path)
    return list(groups.values())


def _read_schema(footer: Footer, promised: Mapping[str, Promise]) -> StructType:
    fields = []
    for name, promise in promised.items():
        found = footer.types.get(name, NullType())
        wanted = promise.types[0]
        known = not isinstance(found, NullType)
        fields.append(StructField(name, leaves(found, wanted) if known else wanted))
    return StructType(fields)


def _scan(spark: SparkSession, paths: list[str], schema: StructType) -> DataFrame:
    reader = spark.read.schema(schema).option("__globPaths__", "false")
    frame = reader.parquet(*paths)
    return frame.select(
        *(f"`{name}`" for name in schema.names), _one_form("_metadata.file_path").alias("_uri")
    )


def _one_form(uri: str) -> Column:
    """Hadoop writes file:///x and file:/x for the same file."""
    return F.regexp_replace(uri, "^file:/+", "file:/")


def _track_columns() -> list[Column]:
    return [
        F.col("track_index").cast("bigint").alias("source_track_id"),
        F.col("track_id").alias("source_track_key"),
        F.col("track_name"),
        F.col("artist_name"),
        F.col("artist_id").cast("string"),
        F.col("year_category"),
        F.col("domain"),
        F.col("genre_id_list").cast("array<bigint>").alias("genre_ids"),
        F.col("track_count").cast("bigint").alias("source_play_count"),
    ]


def _have(footers: Iterable[Footer], column: str) -> bool:
    return any(column in footer.types for footer in footers)


def _filled(column: str) -> Column:
    return F.when(F.trim(column) != "", F.col(column))
