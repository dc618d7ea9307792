"""Helpers that every write needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, DataFrameWriter
from pyspark.sql import functions as F

from ritornello.tables.slices import SliceValue, sql_value


def with_mark(writer: DataFrameWriter, mark: str | None) -> DataFrameWriter:
    """Store a mark in the metadata of the commit."""
    return writer.option("userMetadata", mark) if mark else writer


def absolute(place: str) -> str:
    """Make a local path absolute, as Delta requires, and leave a URI alone."""
    return place.rstrip("/") if "://" in place else str(Path(place).expanduser().resolve())


@contextmanager
def on_disk(df: DataFrame) -> Iterator[DataFrame]:
    """Keep rows on the executors' disks, so check and write compute them once."""
    rows = df.persist(StorageLevel.DISK_ONLY)
    try:
        yield rows
    finally:
        rows.unpersist()


def literal(value: SliceValue, type_: str) -> Column:
    """Return a slice's value as a column of that type."""
    return F.expr(sql_value(value)).cast(type_)
