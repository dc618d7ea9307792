"""The data of the artist recommender: plays with times, or counts without."""

from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import BadInputError
from ritornello.intake.catalogue.import_catalogue import import_catalogue
from ritornello.job import Context
from ritornello.plays.dense_ids import with_dense_ids
from ritornello.scratch import scratch
from ritornello.sources.archives import Staging
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.files import InputFile, list_files
from ritornello.sources.formats import hetrec_2k
from ritornello.sources.inbox import open_inbox
from ritornello.study.data_set import bring_in

SIGNS = {
    "hetrec-2k": ("user_artists.dat", "artists.dat"),
    "lastfm-csv": ("Last.fm_data.csv",),
    "nested": ("interactions.parquet", "tracks.parquet"),
}
CATALOGUE = ("artists.csv", "tracks.csv")


@dataclass(frozen=True)
class Input:
    """A folder, its format, and what else it has beside the listening."""

    folder: str
    data_format: str
    has_catalogue: bool
    has_friends: bool
    has_tags: bool

    @property
    def has_times(self) -> bool:
        return self.data_format != "hetrec-2k"


def recognise(context: Context, folder: str) -> Input:
    """Return what the folder holds.

    It is checked before the first stage, and an error names what is missing.
    """
    names = {_plain(file) for file in list_files(context.spark, folder)}
    formats = [kind for kind, files in SIGNS.items() if names.issuperset(files)]
    if not formats:
        contents = ", ".join(sorted(names)[:6]) or "no files"
        choices = "; or ".join(" and ".join(files) for files in SIGNS.values())
        raise BadInputError(
            f"{folder} is in no known format: it holds {contents}; expected {choices}"
        )
    return Input(
        folder.rstrip("/"),
        formats[0],
        has_catalogue=names.issuperset(CATALOGUE),
        has_friends="user_friends.dat" in names,
        has_tags="user_taggedartists.dat" in names,
    )


def _plain(file: InputFile) -> str:
    """Return the file's name without .gz.

    For a folder of parts this is the folder's name.
    """
    parts = file.name.split("/")
    folder = next((part for part in parts if part.endswith((".parquet", ".csv"))), parts[-1])
    return folder.removesuffix(".gz")


def load(context: Context, data: Input) -> None:
    """Import the listening, and the catalogue if there is one, into the warehouse."""
    if data.has_times:
        place = str(Path(context.store.warehouse).parent)
        bring_in(
            context,
            context.store,
            data=data.folder,
            data_format=data.data_format,
            folder=place,
        )
    else:
        _load_counts(context, data)
    if data.has_catalogue:
        import_catalogue(context, folder=data.folder)


def _load_counts(context: Context, data: Input) -> None:
    """Write users, artists, artist_counts, friends and artist_tags from HetRec's files."""
    store, good = context.store, F.col("reason").isNull()
    with context.step("read counts"), failing_reads_are_bad_input(), scratch() as scratchpad:
        staging = Staging(context.spark, f"{context.store.warehouse}/_unpacked")
        scratchpad.at_end(staging.delete)
        inbox = open_inbox(context.spark, data.folder, hetrec_2k.NAMES, staging=staging)
        reading = hetrec_2k.read(context.spark, inbox)
        counts = scratchpad.keep(reading.counts.where(good))
        users = counts.select("source_user_id").distinct()
        artists = reading.artists.where(good).join(counts, on="source_artist_id", how="left_semi")
        users = with_dense_ids(
            users, id_column="user_id", order_by=[F.col("source_user_id")], first_id=0
        )
        artists = with_dense_ids(
            artists, id_column="artist_id", order_by=[F.col("source_artist_id")], first_id=0
        )
        no_name = F.lit(None).cast("string")
        store.replace(
            "users",
            users.select(
                "user_id",
                F.col("source_user_id").cast("string").alias("source_user_id"),
                no_name.alias("user_name"),
            ),
        )
        store.replace(
            "artists",
            artists.select(
                "artist_id",
                F.col("source_artist_id").cast("string").alias("source_artist_id"),
                "artist_name",
            ),
        )
        store.replace(
            "artist_counts",
            _with_ids(context, counts).select(
                "user_id", "artist_id", F.col("plays").cast("bigint").alias("plays")
            ),
        )
        if data.has_friends:
            store.replace("friends", _friends(context, data))
        if data.has_tags:
            tags = hetrec_2k.read_tags(context.spark, data.folder).where(good)
            ids = ("user_id", "artist_id", "tag_id")
            rows = _with_ids(context, tags).withColumn("tag_id", F.col("tag_id").cast("bigint"))
            store.replace("artist_tags", rows.select(*ids).distinct())


def _with_ids(context: Context, rows: DataFrame) -> DataFrame:
    """Return rows of known listeners and artists with their dense ids."""
    users = context.store.read("users").select("user_id", "source_user_id")
    artists = context.store.read("artists").select("artist_id", "source_artist_id")
    keyed = rows.withColumns(
        {
            "source_user_id": F.col("source_user_id").cast("string"),
            "source_artist_id": F.col("source_artist_id").cast("string"),
        }
    )
    return keyed.join(users, on="source_user_id", how="inner").join(
        artists, on="source_artist_id", how="inner"
    )


def _friends(context: Context, data: Input) -> DataFrame:
    """One row per direction of every friendship between known listeners."""
    read = hetrec_2k.read_friends(context.spark, data.folder).where(F.col("reason").isNull())
    users = context.store.read("users").select("user_id", "source_user_id")
    ids = read.select(
        F.col("source_user_id").cast("string").alias("source_user_id"),
        F.col("source_friend_id").cast("string").alias("_friend"),
    )
    theirs = users.select(
        F.col("user_id").alias("friend_id"), F.col("source_user_id").alias("_friend")
    )
    known = ids.join(users, on="source_user_id", how="inner").join(
        theirs, on="_friend", how="inner"
    )
    pairs = known.select("user_id", "friend_id")
    back = pairs.select(F.col("friend_id").alias("user_id"), F.col("user_id").alias("friend_id"))
    return pairs.unionByName(back).where("user_id <> friend_id").distinct()
