"""Yambda: ``listens.parquet`` and, if they are beside it, likes and dislikes.

Flat files have a row per event, sequential ones a row per listener with lists. Times are seconds in
steps of five from an unknown start: here they count from ``EPOCH``. Likes count 2, dislikes -2, a
listen 1, or -1 if too little was played. Unlikes and undislikes are not read.
"""

from collections import defaultdict
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, FloatType, LongType

from ritornello.errors import BadInputError
from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading, as_events, copies, hash_sums, seconds_since_1970
from ritornello.sources.files import InputFile, literal, read_uri
from ritornello.sources.footers import Footer, read_footers
from ritornello.sources.inbox import Inbox, Names
from ritornello.sources.left_out import LeftOut, ignored, refused
from ritornello.sources.promises import Promise, check_footers

EPOCH = 1_704_067_200  # 2024-01-01T00:00:00Z
LARGEST_ID = 2**31 - 1
LARGEST_SECONDS = 10**11
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
ARTISTS = "artist_item_mapping"
TOP = r"(?:[^/]+\.zip/)?"
NAMES = Names(
    rf"{TOP}({'|'.join([*TABLES, ARTISTS])})\.parquet(/[^/]+)?",
    "listens.parquet, and perhaps likes.parquet, dislikes.parquet, artist_item_mapping.parquet",
    {
        rf"{TOP}(un(dis)?likes|embeddings|multi_event|album_item_mapping)\.parquet(/.+)?": (
            "neither listens, likes, dislikes nor artists"
        ),
        rf".*/(listens|likes|dislikes|{ARTISTS})\.parquet(/.+)?": (
            "in a folder below, and only the folder itself is read"
        ),
    },
    is_text=False,
)
Readable = list[tuple[InputFile, Footer]]


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per listen, like and dislike.

    ``line`` is the row of the file, from 1.
    """
    tables, left_out = _open(spark, inbox)
    rest = inbox.without(left_out)
    if "listens" not in tables:
        raise rest.error("no listens.parquet can be read")
    artists = tables.pop(ARTISTS, [])
    scanned = reduce(
        DataFrame.unionByName,
        (_scan(spark, files, table) for table, files in sorted(tables.items())),
    )
    counted, originals = _compare(scanned, [file for files in tables.values() for file, _ in files])
    names = spark.createDataFrame(
        [(file.uri, file.name, originals.get(file.name)) for file in rest.files],
        "_uri string, file string, copy_of string",
    )
    entries = _explode(scanned).join(F.broadcast(names), on="_uri", how="inner")
    return Reading(
        as_events(entries.select("*", *_columns(settings)), _faults()),
        counted,
        tuple(left_out),
        has_artists=bool(artists),
        track_artists=_artists(spark, artists) if artists else None,
        used=tuple(file.name for file, _ in artists),
    )


def _open(spark: SparkSession, inbox: Inbox) -> tuple[dict[str, Readable], list[LeftOut]]:
    """Read the footers by table, and leave out files that break a promise."""
    tables: dict[str, Readable] = defaultdict(list)
    left_out: list[LeftOut] = []
    for file in inbox.files:
        table = next(part for part in file.name.split("/") if part.endswith(".parquet"))
        table = table.removesuffix(".parquet").lower()
        try:
            footer = _footer(spark, file, table, tables[table])
        except BadInputError as error:
            left_out.append(refused(file.name, str(error).removeprefix(f"{file.path}: ")))
            continue
        if footer.rows:
            tables[table].append((file, footer))
        else:
            left_out.append(ignored(file.name, "the file has no rows"))
    return {table: files for table, files in tables.items() if files}, left_out


def _footer(spark: SparkSession, file: InputFile, table: str, before: Readable) -> Footer:
    """Read and check one footer.

    Raises ``BadInputError`` if the columns differ from those of the files before.
    """
    promised = TABLES.get(table, MAPPING)
    (footer,) = read_footers(spark, file.path, columns=promised)
    check_footers([footer], promised)
    kinds = {isinstance(type_, ArrayType) for n, type_ in footer.types.items() if n != "uid"}
    if table in TABLES and (len(kinds) > 1 or (before and footer.types != before[0][1].types)):
        first = f", with the same types as in {before[0][0].name}" if before else ""
        raise BadInputError(
            f"{file.path}: columns other than uid must be all numbers or all lists of them{first}"
        )
    return footer


def _scan(spark: SparkSession, files: Readable, table: str) -> DataFrame:
    """One row per row of the files, whichever form they have.

    A row of a flat file gets lists of one element.
    """
    flat = not isinstance(files[0][1].types["item_id"], ArrayType)
    reader = spark.read.parquet(*(literal(file.path) for file, _ in files))
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


def _compare(scanned: DataFrame, files: list[InputFile]) -> tuple[dict[str, int], dict[str, str]]:
    """Count the entries of each file, and map copies to their originals.

    Two files with only empty lists are not copies of each other.
    """
    sizes = (F.size("item_id"), F.size("timestamp"))
    totals = scanned.groupBy("_uri").agg(
        F.sum(F.greatest(*sizes, F.lit(1))).alias("entries"),
        F.sum(F.greatest(*sizes, F.lit(0))).alias("events"),
        *hash_sums("table", "uid", "item_id", "timestamp", "played_ratio_pct"),
    )
    by_uri = {row["_uri"]: row for row in totals.collect()}
    digests = {one.name: tuple(by_uri[one.uri])[1:] for one in files if by_uri[one.uri]["events"]}
    return {one.name: by_uri[one.uri]["entries"] for one in files}, copies(digests, files)


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
        seconds_since_1970(_from_epoch("seconds")).alias("played_at"),
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
        "time_unparsable": F.col("played_at").isNull(),
        "weight_wrong": F.col("weight").isNull(),
    }


def _key(column: str) -> Column:
    return F.when(F.col(column).between(0, LARGEST_ID), F.col(column).cast("string"))


def _from_epoch(seconds: str) -> Column:
    """Write seconds from ``EPOCH`` as seconds since 1970, in text.

    Negative seconds are null.
    """
    column = F.col(seconds)
    return F.when(column.between(0, LARGEST_SECONDS), (column + EPOCH).cast("string"))


def _artists(spark: SparkSession, files: Readable) -> DataFrame:
    """One row per track with its artist.

    Of several artists, the smallest number is taken.
    """
    mapping = spark.read.parquet(*(literal(file.path) for file, _ in files))
    return mapping.groupBy(F.col("item_id").cast("string").alias("track_key")).agg(
        F.min("artist_id").cast("string").alias("artist_id")
    )
