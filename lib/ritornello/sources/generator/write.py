"""Generated listening files: the tables, and how Spark writes them."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.settings.generator import GeneratorSettings
from ritornello.sources.generator import batches
from ritornello.sources.generator.catalogue_files import write_catalogue

if TYPE_CHECKING:
    import pyarrow as pa


def write(
    spark: SparkSession, settings: GeneratorSettings, folder: str, *, partitions: int = 8
) -> None:
    """Write ``interactions.parquet`` and ``tracks.parquet`` under the folder, replacing them.

    Beside them a catalogue of the same artists and tracks: artists.csv, tracks.csv, aliases.csv.

    The rows do not depend on ``partitions``. Counting reads back what was written, so the plays
    are made once.
    """
    listeners_file = f"{folder}/interactions.parquet"
    made = interactions(spark, settings, partitions=partitions)
    made.write.mode("overwrite").parquet(listeners_file)
    written = spark.read.schema(batches.INTERACTIONS).parquet(listeners_file)
    described = tracks(spark, written, settings, partitions=partitions)
    described.write.mode("overwrite").parquet(f"{folder}/tracks.parquet")
    write_catalogue(spark, settings, folder, partitions=partitions)


def generate(
    spark: SparkSession, settings: GeneratorSettings, *, partitions: int = 8
) -> tuple[DataFrame, DataFrame]:
    """Interactions and tracks, not yet computed; tracks computes the plays again to count them."""
    made = interactions(spark, settings, partitions=partitions)
    return made, tracks(spark, made, settings, partitions=partitions)


def interactions(spark: SparkSession, settings: GeneratorSettings, *, partitions: int) -> DataFrame:
    """A row per listener, by ``character_index``; plays in no order, each written with 1."""
    numbers = spark.range(0, settings.listeners, 1, partitions)
    return numbers.mapInArrow(
        partial(_batches, make="interaction_batches", settings=settings), batches.INTERACTIONS
    )


def tracks(
    spark: SparkSession, played: DataFrame, settings: GeneratorSettings, *, partitions: int
) -> DataFrame:
    """A row per track of the catalogue, by ``track_index``; unknown facts are null.

    ``track_count`` counts all plays whenever they happened, as such files do; 0 if unplayed.
    """
    numbers = spark.range(0, settings.catalogue_tracks, 1, partitions)
    described = numbers.mapInArrow(
        partial(_batches, make="track_batches", settings=settings), batches.DESCRIPTIONS
    )
    counts = (
        played.select(F.explode("actions.track_index").alias("track_index"))
        .groupBy("track_index")
        .agg(F.count("*").cast("int").alias("_plays"))
    )
    return (
        described.join(counts, on="track_index", how="left")
        .withColumn("track_count", F.coalesce("_plays", F.lit(0)))
        .select(
            "track_id",
            "track_index",
            "track_count",
            "year_category",
            "domain",
            "genre_id_list",
            "track_name",
            "artist_name",
        )
        .sort("track_index")
    )


def _batches(
    incoming: Iterable["pa.RecordBatch"], *, make: str, settings: GeneratorSettings
) -> Iterator[Any]:
    """Runs on an executor; the catalogue is built there, once per Python process."""
    yield from getattr(batches, make)(incoming, settings)
