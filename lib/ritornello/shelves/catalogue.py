"""The catalogue as of an instant, on every executor, mapped into memory.

Item statistics, artists and what is forbidden to everybody lie in one Arrow file, ascending by item.
For 650,000 items this is some 100 MB, which the processes of a machine share.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import SparkFiles
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.arrays import Flags, Floats64, Ints32, Ints64, look_up
from ritornello.session import ship_folder, shipped_name
from ritornello.shelves.batch import as_number
from ritornello.shelves.rows import best_of

NO_ARTIST = -1
ABOUT = (
    *("users", "plays", "repeat_rate", "trend", "first_played_at", "last_played_at"),
    *("decayed_7d", "decayed_30d", "decayed_60d", "skips"),
)


@dataclass(frozen=True)
class Catalogue:
    """Items ascending by id, with aligned columns.

    ``columns`` are those of ABOUT, times in microseconds. ``artist`` is NO_ARTIST where unknown.
    ``popular`` are the most popular ids over a month, best first. ``best_*`` are the best items of
    each artist, one artist after the other.
    """

    ids: Ints32
    artist: Ints32
    is_barred: Flags
    is_explicit: Flags
    popular: Ints32
    best_artist: Ints32
    best_item: Ints32
    best_weight: Floats64
    table: pa.Table

    def column(self, name: str) -> Floats64:
        """Return a column of ABOUT."""
        values: Floats64 = self.table.column(name).chunk(0).to_numpy()
        return values

    def places(self, items: Ints32) -> tuple[Ints64, Flags]:
        """Return the place of each item, and whether it is in the catalogue."""
        return look_up(items, self.ids)

    def artists_of(self, items: Ints32) -> Ints32:
        """Return the artist of each item, or NO_ARTIST."""
        at, is_there = self.places(items)
        artists: Ints32 = np.where(is_there, self.artist[at], np.int32(NO_ARTIST))
        return artists


@dataclass(frozen=True)
class ShippedCatalogue:
    """The files of a catalogue on every executor.

    ``has_artists`` says whether the artist of any item is known.
    """

    items: str
    popular: str
    best: str
    has_artists: bool

    def load(self) -> Catalogue:
        """Map the files into memory."""
        table, popular, best = (_mapped(name) for name in (self.items, self.popular, self.best))
        ids, artist = (_array(table, name, np.int32) for name in ("item_id", "artist_id"))
        barred, explicit = (_array(table, name, np.bool_) for name in ("is_barred", "is_explicit"))
        return Catalogue(
            ids=ids,
            artist=artist,
            is_barred=barred,
            is_explicit=explicit,
            popular=_array(popular, "item_id", np.int32),
            best_artist=_array(best, "artist_id", np.int32),
            best_item=_array(best, "item_id", np.int32),
            best_weight=_array(best, "weight", np.float64),
            table=table,
        )


def ship_catalogue(
    items: DataFrame,
    *,
    artists: DataFrame | None,
    barred: DataFrame | None = None,
    explicit: DataFrame | None = None,
    skips: DataFrame | None = None,
    depth: int,
    per_artist: int,
) -> ShippedCatalogue:
    """Ship a slice of ``item_stats`` with what else is known of its items.

    ``artists`` maps item_id to artist_id. ``barred`` and ``explicit`` hold the item_id of what is
    forbidden to everybody, and of explicit items. ``skips`` has item_id and skips. ``depth`` is the
    length of the popular list, ``per_artist`` the number of best items kept of each artist.
    """
    known = items.select("item_id", *(as_number(items, name) for name in ABOUT if name != "skips"))
    if artists is not None:
        known = known.join(artists, "item_id", "left")
    for name, marked in (("is_barred", barred), ("is_explicit", explicit)):
        if marked is not None:
            known = known.join(marked.select("item_id", F.lit(True).alias(name)), "item_id", "left")
    if skips is not None:
        known = known.join(skips.select("item_id", "skips"), "item_id", "left")
    frame = _complete(known.toPandas()).sort_values("item_id", ignore_index=True)
    return _shipped(items.sparkSession, frame, depth=depth, per_artist=per_artist)


def _complete(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill unknown artists, flags and skips."""
    blank = {"artist_id": NO_ARTIST, "is_barred": False, "is_explicit": False, "skips": 0.0}
    types = {"artist_id": np.int32, "is_barred": np.bool_, "is_explicit": np.bool_}
    for name, value in blank.items():
        values = rows[name] if name in rows else pd.Series(value, index=rows.index)
        filled = values.where(values.notna(), value)
        rows[name] = filled.astype(types.get(name, np.float64))
    return rows


def _shipped(
    spark: SparkSession, rows: pd.DataFrame, *, depth: int, per_artist: int
) -> ShippedCatalogue:
    ids = rows["item_id"].to_numpy(np.int32)
    artist = rows["artist_id"].to_numpy(np.int32)
    weight = rows["decayed_60d"].to_numpy(np.float64)
    month = rows["decayed_30d"].to_numpy(np.float64)
    popular = np.lexsort((ids, -month))[:depth]
    own = np.flatnonzero(artist != NO_ARTIST)
    at, _ = best_of(artist[own].astype(np.int64), ids[own], weight[own], limit=per_artist)
    best = own[at]
    tables = {
        "items": pa.Table.from_pandas(rows, preserve_index=False),
        "popular": pa.table({"item_id": ids[popular]}),
        "best": pa.table({"artist_id": artist[best], "item_id": ids[best], "weight": weight[best]}),
    }
    folder = Path(tempfile.mkdtemp(prefix="ritornello-catalogue-"))
    names = {name: f"{shipped_name(name)}.arrow" for name in tables}
    for name, table in tables.items():
        whole = table.combine_chunks()
        with (
            pa.OSFile(str(folder / names[name]), "wb") as sink,
            pa.ipc.new_file(sink, whole.schema) as writer,
        ):
            writer.write_table(whole, max_chunksize=max(1, whole.num_rows))
    ship_folder(spark, folder)
    return ShippedCatalogue(**names, has_artists=bool(len(own)))


def _mapped(name: str) -> pa.Table:
    with pa.memory_map(SparkFiles.get(name)) as source:
        return pa.ipc.open_file(source).read_all().combine_chunks()


def _array(table: pa.Table, name: str, type_: type) -> NDArray[Any]:
    column = table.column(name)
    if not column.num_chunks:
        return np.zeros(0, type_)
    values: NDArray[Any] = column.chunk(0).to_numpy(zero_copy_only=False)
    return values.astype(type_, copy=False)
