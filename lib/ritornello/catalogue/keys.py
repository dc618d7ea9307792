"""Names and titles of a table made comparable, in Arrow batches."""

from collections.abc import Iterator

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf
from ritornello.catalogue.names import NORMALISERS, name_keys
from ritornello.catalogue.titles import read_title

TITLE = "title_key string, song_key string, is_version boolean"
NAMES = ", ".join(f"{name} string" for name in NORMALISERS)


def with_name_keys(rows: DataFrame, *, name: str) -> DataFrame:
    """Add ``keys``, a struct of the four normalisers' keys.

    All of them are null if there is no name.
    """
    return _with_struct(rows, name=name, added="keys", schema=NAMES)


def with_title_keys(rows: DataFrame, *, title: str) -> DataFrame:
    """Add ``title_key``, ``song_key`` (without words of the version) and ``is_version``."""
    keyed = _with_struct(rows, name=title, added="_title", schema=TITLE)
    return keyed.select("*", "_title.*").drop("_title")


def _with_struct(rows: DataFrame, *, name: str, added: str, schema: str) -> DataFrame:
    read = _name_structs if schema == NAMES else _title_structs
    return rows.withColumn(added, batch_udf(read, schema)(F.col(name)))


def _name_structs(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
    for batch in batches:
        yield pd.DataFrame([name_keys(name) for name in batch], columns=list(NORMALISERS))


def _title_structs(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
    for batch in batches:
        read = [read_title(title) for title in batch]
        yield pd.DataFrame(
            [(one.title, one.song, one.is_version) for one in read],
            columns=["title_key", "song_key", "is_version"],
        )
