"""``artists.csv``, ``tracks.csv`` and ``aliases.csv`` beside generated listening."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import SparkSession

from ritornello.generator import listed, listed_tracks
from ritornello.settings.generator import GeneratorSettings
from ritornello.sources.one_csv import write_one_csv

if TYPE_CHECKING:
    import pyarrow as pa


def write_catalogue(
    spark: SparkSession, settings: GeneratorSettings, folder: str, *, partitions: int
) -> None:
    """Write the three files under the folder, replacing existing ones.

    Rows do not depend on ``partitions``.
    """
    artists, tracks = listed.listed_of(settings).total, listed_tracks.listed_track_rows(settings)
    for file, rows, make, schema in (
        ("artists.csv", artists, "artist_batches", listed.ARTISTS),
        ("aliases.csv", artists, "alias_batches", listed.ALIASES),
        ("tracks.csv", tracks, "track_rows", listed_tracks.TRACKS),
    ):
        table = spark.range(0, rows, 1, partitions).mapInArrow(
            partial(_batches, make=make, settings=settings), schema
        )
        write_one_csv(table, f"{folder}/{file}", staging=f"{folder}/_parts_of_{file}")


def _batches(
    incoming: Iterable["pa.RecordBatch"], *, make: str, settings: GeneratorSettings
) -> Iterator[Any]:
    """Make the rows of one file.

    Runs on an executor.
    """
    room = listed_tracks if make == "track_rows" else listed
    yield from getattr(room, make)(incoming, settings)
