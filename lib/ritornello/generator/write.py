"""Generated listening files: the tables, and how Spark writes them."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.generator import batches
from ritornello.generator.catalogue_files import write_catalogue
from ritornello.settings.generator import GeneratorSettings

if TYPE_CHECKING:
    import pyarrow as pa


def write(
    spark: SparkSession, settings: GeneratorSettings, folder: str, *, partitions: int = 8
) -> None:
    """Write ``interactions.parquet`` and ``tracks.parquet`` under the folder.

    Existing files are replaced. Beside them it writes a catalogue of the same artists and tracks:
    artists.csv, tracks.csv, aliases.csv.

    The rows do not depend on ``partitions``. Plays are counted from the written files, so they are
    generated only once.
    """
    listeners_file = f"{folder}/interactions.parquet"
    plays = interactions(spark, settings, partitions=partitions)
    plays.write.mode("overwrite").parquet(listeners_file)
    stored_plays = spark.read.schema(batches.INTERACTIONS).parquet(listeners_file)
    catalogue = tracks(spark, stored_plays, settings, partitions=partitions)
    catalogue.write.mode("overwrite").parquet(f"{folder}/tracks.parquet")
    write_catalogue(spark, settings, folder, partitions=partitions)


def generate(
    spark: SparkSession, settings: GeneratorSettings, *, partitions: int = 8
) -> tuple[DataFrame, DataFrame]:
    """Return the frames of interactions and tracks, not yet computed.

    Computing the tracks computes the plays again, to count them.
    """
    plays = interactions(spark, settings, partitions=partitions)
    return plays, tracks(spark, plays, settings, partitions=partitions)


def interactions(spark: SparkSession, settings: GeneratorSettings, *, partitions: int) -> DataFrame:
    """One row per listener, by ``character_index``.

    Plays are in no order, and each has the value 1.
    """
    numbers = spark.range(0, settings.listeners, 1, partitions)
    return numbers.mapInArrow(
        partial(_batches, make="interaction_batches", settings=settings), batches.INTERACTIONS
    )


def tracks(
    spark: SparkSession, played: DataFrame, settings: GeneratorSettings, *, partitions: int
) -> DataFrame:
    """One row per track of the catalogue, by ``track_index``.

    Unknown facts are null. ``track_count`` counts all plays whenever they happened, as such files
    do; 0 if unplayed.
    """
    numbers = spark.range(0, settings.catalogue_tracks, 1, partitions)
    descriptions = numbers.mapInArrow(
        partial(_batches, make="track_batches", settings=settings), batches.DESCRIPTIONS
    )
    counts = (
        played.select(F.explode("actions.track_index").alias("track_index"))
        .groupBy("track_index")
        .agg(F.count("*").cast("int").alias("_plays"))
    )
    return (
        descriptions.join(counts, on="track_index", how="left")
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
    """Make the rows of one table.

    Runs on an executor. The catalogue is built there, once per Python process.
    """
    yield from getattr(batches, make)(incoming, settings)
