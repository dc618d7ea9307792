"""Yambda: ``listens.parquet`` and, if they are beside it, likes and dislikes.

Flat files have a row per event, sequential ones a row per listener with lists. Times are seconds in
steps of five from an unknown start: here they count from ``EPOCH``. Likes count 2, dislikes -2, a
listen 1, or -1 if too little was played. Unlikes and undislikes are not read.
"""

from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, FloatType, LongType

from ritornello.errors import BadInputError
from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, copies, hash_sums
from ritornello.sources.files import InputFile, list_files, read_uri
from ritornello.sources.footers import Footer, read_footers
from ritornello.sources.promises import Promise, check_footers

EPOCH = 1_704_067_200  # 2024-01-01T00:00:00Z
LARGEST_ID = 2**31 - 1
WHOLE = (LongType(), ArrayType(LongType()))
NUMBER = (*WHOLE, DoubleType(), FloatType(), ArrayType(DoubleType()), ArrayType(FloatType()))
EVENT = {
    "uid": Promise((LongType(),)),
    "item_id": Promise(WHOLE),
    "timestamp": Promise(WHOLE),
}
LISTEN = {**EVENT, "played_ratio_pct": Promise(NUMBER)}
MAPPING = {"artist_id": Promise((LongType(),)), "item_id": Promise((LongType(),))}
TABLES = {"listens": LISTEN, "likes": EVENT, "dislikes": EVENT}
ARTISTS = "artist_item_mapping.parquet"


def read(spark: SparkSession, folder: str, settings: FormatSettings) -> Reading:
    """Read one event per listen, like and dislike.

    ``line`` is the row of the file, from 1.
    """
    files = list_files(spark, folder)
    top_names = {file.name.partition("/")[0] for file in files}
    if "listens.parquet" not in top_names:
        raise BadInputError(f"{folder}: holds no listens.parquet")
    tables = [table for table in TABLES if f"{table}.parquet" in top_names]
    scanned = reduce(DataFrame.unionByName, (_scan(spark, folder, table) for table in tables))
    counted, originals = _compare(scanned, files)
    names = spark.createDataFrame(
        [(file.uri, file.name, originals.get(file.name)) for file in files],
        "_uri string, file string, copy_of string",
    )
    entries = _explode(scanned).join(F.broadcast(names), on="_uri", how="inner")
    has_artists = ARTISTS in top_names
    return Reading(
        as_events(entries.select("*", *_columns(settings)), _faults()),
        counted,
        has_artists,
        _artists(spark, f"{folder}/{ARTISTS}") if has_artists else None,
    )


def _scan(spark: SparkSession, folder: str, table: str) -> DataFrame:
    """One row per row of the files, whichever form they have.

    A row of a flat file gets lists of one element.
    """
    promised = TABLES[table]
    footers = read_footers(spark, f"{folder}/{table}.parquet", columns=promised)
    check_footers(footers, promised)
    flat = _is_flat(footers)
    reader = spark.read.option("__globPaths__", "false").parquet(*(one.path for one in footers))
    listed = {name: F.array(name) if flat else F.col(name) for name in ("item_id", "timestamp")}
    played = "played_ratio_pct" if table == "listens" else None
    ratio = F.lit(None) if played is None else F.array(played) if flat else F.col(played)
    return reader.select(
        read_uri().alias("_uri"),
        (F.col("_metadata.row_index") + 1).alias("line"),
        F.lit(table).alias("table"),
        F.col("uid").cast("bigint"),
        *(column.cast("array<bigint>").alias(name) for name, column in listed.items()),
        ratio.cast("array<double>").alias("played_ratio_pct"),
    )


def _is_flat(footers: list[Footer]) -> bool:
    """Return whether the columns are numbers rather than lists of numbers.

    This must be the same for all columns but ``uid``, in all files.
    """
    first = footers[0]
    for footer in footers:
        kinds = {isinstance(type_, ArrayType) for n, type_ in footer.types.items() if n != "uid"}
        if len(kinds) > 1 or footer.types != first.types:
            raise BadInputError(
                f"{footer.path}: columns other than uid must be all numbers or all lists of them, "
                f"with the same types as in {first.path}"
            )
    return not isinstance(first.types["item_id"], ArrayType)


def _compare(scanned: DataFrame, files: list[InputFile]) -> tuple[dict[str, int], dict[str, str]]:
    """Count the entries of each file, and map copies to their originals."""
    sizes = (F.size("item_id"), F.size("timestamp"), F.lit(1))
    totals = scanned.groupBy("_uri").agg(
        F.sum(F.greatest(*sizes)).alias("entries"),
        *hash_sums("table", "uid", "item_id", "timestamp", "played_ratio_pct"),
    )
    by_uri = {row["_uri"]: row for row in totals.collect()}
    read = [file for file in files if file.uri in by_uri]
    digests = {file.name: tuple(by_uri[file.uri])[1:] for file in read}
    return {file.name: by_uri[file.uri]["entries"] for file in read}, copies(digests, read)


def _explode(scanned: DataFrame) -> DataFrame:
    """One row per element of the lists.

    An empty list gives one row with ``_empty`` set and nothing else.
    """
    zipped = F.arrays_zip("item_id", "timestamp", F.coalesce("played_ratio_pct", F.array()))
    return scanned.select(
        "_uri", "line", "table", "uid", F.explode_outer(zipped).alias("_event")
    ).select(
        "_uri",
        "line",
        "table",
        "uid",
        F.col("_event").isNull().alias("_empty"),
        F.col("_event.item_id").alias("item_id"),
        F.col("_event.timestamp").alias("seconds"),
        F.col("_event").getField("2").alias("percent"),
    )


def _columns(settings: FormatSettings) -> list[Column]:
    percent = F.col("percent")
    return [
        F.to_json(F.struct("uid", "item_id", "seconds", "percent")).alias("text"),
        _key("uid").alias("listener_key"),
        _key("item_id").alias("track_key"),
        F.timestamp_seconds(F.col("seconds") + EPOCH).alias("played_at"),
        F.when(F.col("table") == "likes", F.lit(2))
        .when(F.col("table") == "dislikes", F.lit(-2))
        .when(percent < settings.min_played_percent, F.lit(-1))
        .when(percent.isNotNull(), F.lit(1))
        .alias("weight"),
    ]


def _faults() -> dict[str, Column]:
    return {
        "blank": F.col("_empty"),
        "listener_missing": F.col("uid").isNull(),
        "listener_wrong": F.col("listener_key").isNull(),
        "track_wrong": F.col("track_key").isNull(),
        "time_unparsable": F.col("seconds").isNull() | (F.col("seconds") < 0),
        "weight_wrong": F.col("weight").isNull(),
    }


def _key(column: str) -> Column:
    return F.when(F.col(column).between(0, LARGEST_ID), F.col(column).cast("string"))


def _artists(spark: SparkSession, path: str) -> DataFrame:
    """One row per track with its artist.

    Of several artists, the smallest number is taken.
    """
    footers = read_footers(spark, path, columns=MAPPING)
    check_footers(footers, MAPPING)
    mapping = spark.read.option("__globPaths__", "false").parquet(*(one.path for one in footers))
    return mapping.groupBy(F.col("item_id").cast("string").alias("track_key")).agg(
        F.min("artist_id").cast("string").alias("artist_id")
    )
