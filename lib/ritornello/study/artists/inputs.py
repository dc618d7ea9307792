"""What the recommender of artists learns from: plays with times, or counts without."""

from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import BadInputError
from ritornello.intake.catalogue.import_catalogue import import_catalogue
from ritornello.job import Context
from ritornello.plays.dense_ids import with_dense_ids
from ritornello.scratch import scratch
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.files import InputFile, list_files
from ritornello.sources.formats import hetrec_2k
from ritornello.study.data_set import bring_in

SIGNS = {
    "hetrec-2k": ("user_artists.dat", "artists.dat"),
    "lastfm-csv": ("Last.fm_data.csv",),
    "nested": ("interactions.parquet", "tracks.parquet"),
}
CATALOGUE = ("artists.csv", "tracks.csv")


@dataclass(frozen=True)
class Input:
    """A folder, what it holds, and what may stand beside the listening."""

    folder: str
    data_format: str
    has_catalogue: bool
    has_friends: bool
    has_tags: bool

    @property
    def has_times(self) -> bool:
        return self.data_format != "hetrec-2k"


def recognise(context: Context, folder: str) -> Input:
    """What the folder holds, checked before the first stage; what is missing is named."""
    names = {_plain(file) for file in list_files(context.spark, folder)}
    found = [kind for kind, files in SIGNS.items() if names.issuperset(files)]
    if not found:
        held = ", ".join(sorted(names)[:6]) or "no files"
        wanted = "; or ".join(" and ".join(files) for files in SIGNS.values())
        raise BadInputError(f"{folder}: holds {held}; expected {wanted}")
    return Input(
        folder.rstrip("/"),
        found[0],
        has_catalogue=names.issuperset(CATALOGUE),
        has_friends="user_friends.dat" in names,
        has_tags="user_taggedartists.dat" in names,
    )


def _plain(file: InputFile) -> str:
    """The file's name, or for a folder of parts the folder's, without .gz."""
    parts = file.name.split("/")
    folder = next((part for part in parts if part.endswith((".parquet", ".csv"))), parts[-1])
    return folder.removesuffix(".gz")


def load(context: Context, given: Input) -> None:
    """Bring the listening, and the catalogue if there is one, into the warehouse."""
    if given.has_times:
        place = str(Path(context.store.warehouse).parent)
        bring_in(
            context,
            context.store,
            data=given.folder,
            data_format=given.data_format,
            folder=place,
        )
    else:
        _load_counts(context, given)
    if given.has_catalogue:
        import_catalogue(context, folder=given.folder)


def _load_counts(context: Context, given: Input) -> None:
    """users, artists, artist_counts, friends and artist_tags of HetRec's files."""
    store, good = context.store, F.col("reason").isNull()
    with context.step("read counts"), failing_reads_are_bad_input(), scratch() as held:
        reading = hetrec_2k.read(context.spark, given.folder)
        counts = held.keep(reading.counts.where(good))
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
                F.col("source_user_id").cast("bigint").alias("source_user_id"),
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
        if given.has_friends:
            store.replace("friends", _friends(context, given))
        if given.has_tags:
            tags = hetrec_2k.read_tags(context.spark, given.folder).where(good)
            ids = ("user_id", "artist_id", "tag_id")
            told = _with_ids(context, tags).withColumn("tag_id", F.col("tag_id").cast("bigint"))
            store.replace("artist_tags", told.select(*ids).distinct())


def _with_ids(context: Context, rows: DataFrame) -> DataFrame:
    """Rows of known listeners and artists with their dense ids."""
    users = context.store.read("users").select("user_id", "source_user_id")
    artists = context.store.read("artists").select("artist_id", "source_artist_id")
    keyed = rows.withColumns(
        {
            "source_user_id": F.col("source_user_id").cast("bigint"),
            "source_artist_id": F.col("source_artist_id").cast("string"),
        }
    )
    return keyed.join(users, on="source_user_id", how="inner").join(
        artists, on="source_artist_id", how="inner"
    )


def _friends(context: Context, given: Input) -> DataFrame:
    """Both directions of every friendship between known listeners."""
    read = hetrec_2k.read_friends(context.spark, given.folder).where(F.col("reason").isNull())
    users = context.store.read("users").select("user_id", "source_user_id")
    ids = read.select(
        F.col("source_user_id").cast("bigint").alias("source_user_id"),
        F.col("source_friend_id").cast("bigint").alias("_friend"),
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
