"""An external catalogue: ``artists.csv``, ``tracks.csv``, perhaps ``aliases.csv``, gzipped or not.

Every line is read strictly: a line that cannot be trusted keeps its file, line number and reason.
Whatever the source does not know is null: empty fields, key -1, tempo 0 and time signature 0 (its
ways to say so).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from ritornello.sources.audio_values import id_list, number, released_by, text_lists, whole
from ritornello.sources.delivery import staged
from ritornello.sources.entries import filled, with_reason
from ritornello.sources.files import list_files, pick
from ritornello.sources.lines import Layout, line_faults, read_all_lines

ARTISTS = Layout("artists", header="id,followers,genres,name,popularity")
TRACKS = Layout(
    "tracks with audio",
    header="id,name,popularity,duration_ms,explicit,artists,id_artists,release_date,"
    "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,"
    "liveness,valence,tempo,time_signature",
)
ALIASES = Layout("other spellings of artists", header="alias,name")
CSV = {"escape": '"', "columnNameOfCorruptRecord": "broken"}
JUDGED = ("file", "line", "text", "reason")
SHARES = ("danceability", "energy", "speechiness", "acousticness", "instrumentalness", "liveness")
# name: (smallest, largest) value to trust; anything else makes the line wrong
RANGES = {
    "popularity": (0.0, 100.0),
    "duration_ms": (0.0, 86_400_000.0),
    "loudness": (-100.0, 20.0),
    "tempo": (0.0, 500.0),
    "valence": (0.0, 1.0),
    **dict.fromkeys(SHARES, (0.0, 1.0)),
}
WHOLE = {"key": (-1, 11), "mode": (0, 1), "time_signature": (0, 16), "explicit": (0, 1)}
UNKNOWN = {"key": -1, "time_signature": 0, "tempo": 0}


@dataclass(frozen=True)
class CatalogueReading:
    """The frames of a catalogue, and the number of lines of each file.

    All frames have the columns ``JUDGED``; ``reason`` is null for lines that are accepted.
    """

    artists: DataFrame
    tracks: DataFrame
    aliases: DataFrame | None
    counted: Mapping[str, int]


def read_catalogue(
    spark: SparkSession, folder: str, *, aliases: str | None = None
) -> CatalogueReading:
    """Read the catalogue, one row per line of each file.

    ``aliases`` names a file of aliases that is read beside the folder's own.
    """
    files = list_files(spark, folder)
    own = [one for one in files if one.name in ("aliases.csv", "aliases.csv.gz")]
    alias_files = [*own, *(list_files(spark, aliases) if aliases else [])]
    entries = {
        name: read_all_lines(spark, pick(files, pattern, folder=folder, expected=expected), layout)
        for name, pattern, expected, layout in (
            ("artists", r"artists\.csv(\.gz)?", "artists.csv or artists.csv.gz", ARTISTS),
            ("tracks", r"tracks\.csv(\.gz)?", "tracks.csv or tracks.csv.gz", TRACKS),
        )
    }
    if alias_files:
        entries["aliases"] = read_all_lines(spark, alias_files, ALIASES)
    counted = {file: n for one in entries.values() for file, n in one.counted.items()}
    return CatalogueReading(
        _artists(entries["artists"].frame),
        _tracks(entries["tracks"].frame),
        _aliases(entries["aliases"].frame) if alias_files else None,
        counted,
    )


def _artists(lines: DataFrame) -> DataFrame:
    """One row per line of the artists.

    Without genres the list is empty.
    """
    parsed = text_lists(_fields(lines, ARTISTS), "genres").select(
        *_line_columns(),
        filled("_line.id").alias("catalogue_artist_id"),
        filled("_line.name").alias("artist_name"),
        number("_line.followers", 0, 1e12).alias("_followers"),
        F.coalesce("genres", F.array().cast("array<string>")).alias("genres"),
        number("_line.popularity", *RANGES["popularity"]).alias("popularity"),
        (filled("_line.genres").isNotNull() & F.col("genres").isNull()).alias("_no_list"),
        *(_is_wrong(name, *RANGES.get(name, (0, 1e12))) for name in ("followers", "popularity")),
    )
    faults = {
        "id_missing": F.col("catalogue_artist_id").isNull(),
        "list_wrong": F.col("_no_list"),
        "number_wrong": F.col("_bad_followers") | F.col("_bad_popularity"),
    }
    columns = ("catalogue_artist_id", "artist_name", "followers", "genres", "popularity")
    artists = parsed.withColumn("followers", F.col("_followers").cast("bigint"))
    return _judged(artists, ARTISTS, faults, *columns, key="catalogue_artist_id")


def _tracks(lines: DataFrame) -> DataFrame:
    """One row per line of the tracks, with audio."""
    listed = text_lists(_fields(lines, TRACKS), "artists", "id_artists")
    numbers = {name: number(f"_line.{name}", *span) for name, span in RANGES.items()}
    numbers |= {name: whole(f"_line.{name}", *span) for name, span in WHOLE.items()}
    numbers |= {n: F.when(numbers[n] != unknown, numbers[n]) for n, unknown in UNKNOWN.items()}
    parsed = listed.select(
        *_line_columns(),
        filled("_line.id").alias("catalogue_track_id"),
        filled("_line.name").alias("track_name"),
        F.col("artists").alias("artist_names"),
        id_list("id_artists").alias("catalogue_artist_ids"),
        filled("_line.release_date").alias("release_date"),
        released_by(filled("_line.release_date")).alias("released_by"),
        *(column.alias(name) for name, column in numbers.items()),
        *(_is_wrong(name, *span) for name, span in RANGES.items()),
        *(_is_wrong(name, *span, is_whole=True) for name, span in WHOLE.items()),
    )
    wrong = (F.col(f"_bad_{name}") for name in (*RANGES, *WHOLE))
    ids = F.col("catalogue_artist_ids")
    faults = {
        "id_missing": F.col("catalogue_track_id").isNull(),
        "list_wrong": F.col("artist_names").isNull()
        | ids.isNull()
        | (F.size("artist_names") != F.size(ids)),
        "time_unparsable": F.col("release_date").isNotNull() & F.col("released_by").isNull(),
        "number_wrong": reduce(lambda one, other: one | other, wrong),
    }
    columns = [name for name in parsed.columns if name not in JUDGED and not name.startswith("_")]
    return _judged(parsed, TRACKS, faults, *columns, key="catalogue_track_id").drop("copy_of")


def _aliases(lines: DataFrame) -> DataFrame:
    """One row per alias, with the name in the catalogue."""
    parsed = _fields(lines, ALIASES).select(
        *_line_columns(), filled("_line.alias").alias("alias"), filled("_line.name").alias("name")
    )
    faults = {"fields_wrong": F.col("alias").isNull() | F.col("name").isNull()}
    return _judged(parsed, ALIASES, faults, "alias", "name", key="alias")


def _fields(lines: DataFrame, layout: Layout) -> DataFrame:
    """Parse the fields of each line as text into ``_line``."""
    assert layout.header is not None
    names = ", ".join(f"{name} string" for name in layout.header.split(","))
    return lines.withColumn("_line", F.from_csv("text", f"{names}, broken string", CSV))


def _line_columns() -> tuple[Column, ...]:
    columns = (F.col(name) for name in ("file", "line", "text", "copy_of"))
    return (*columns, F.col("_line.broken").isNotNull().alias("_broken"))


def _is_wrong(name: str, low: float, high: float, *, is_whole: bool = False) -> Column:
    """Return whether a filled field is not a number of the range."""
    read = whole(f"_line.{name}", int(low), int(high)) if is_whole else None
    value = number(f"_line.{name}", low, high) if read is None else read
    return (filled(f"_line.{name}").isNotNull() & value.isNull()).alias(f"_bad_{name}")


def _judged(
    parsed: DataFrame, layout: Layout, faults: dict[str, Column], *columns: str, key: str
) -> DataFrame:
    """Add ``reason``, and accept only the first valid line of each key.

    Lines are in the order of file and line. Later ones of the same key get ``id_twice``.
    """
    fields_wrong = F.col("_broken") | faults.pop("fields_wrong", F.lit(False))
    every_fault = line_faults(layout) | {"fields_wrong": fields_wrong} | faults
    judged = with_reason(parsed, every_fault)
    in_order = Window.partitionBy(key, F.col("reason").isNull()).orderBy("file", "line")
    again = F.col("reason").isNull() & (F.row_number().over(in_order) > 1)
    complete = judged.withColumn(
        "reason", F.when(again, F.lit("id_twice")).otherwise(F.col("reason"))
    )
    return staged(complete).select(*JUDGED, *columns)
