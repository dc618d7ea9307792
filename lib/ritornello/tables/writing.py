"""Small things that every write needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, DataFrameWriter
from pyspark.sql import functions as F

from ritornello.tables.slices import SliceValue, sql_value


def marked(writer: DataFrameWriter, mark: str | None) -> DataFrameWriter:
    """A commit that bears a mark in its metadata."""
    return writer.option("userMetadata", mark) if mark else writer


def absolute(place: str) -> str:
    """A URI as it is; a path of this machine made absolute, as Delta wants it."""
    return place.rstrip("/") if "://" in place else str(Path(place).expanduser().resolve())


@contextmanager
def kept(df: DataFrame) -> Iterator[DataFrame]:
    """The rows computed once, on the executors' disks, for the check and for the write."""
    rows = df.persist(StorageLevel.DISK_ONLY)
    try:
        yield rows
    finally:
        rows.unpersist()


def literal(value: SliceValue, type_: str) -> Column:
    """A slice's value as a column of that type."""
    return F.expr(sql_value(value)).cast(type_)
