"""Maintain tables: join small files, drop old slices, remove unused files."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from delta.tables import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from ritornello.tables.contracts import Contract
from ritornello.tables.slices import DataFile, Slice, part, sql_value, utc_of
from ritornello.tables.store import Store

MIB = 1 << 20
MAX_FILE_SIZE = "spark.databricks.delta.optimize.maxFileSize"
PARTITIONS_AT_ONCE = 100  # named in one statement
Partition = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Shape:
    """Files and bytes of a table, and its partitions with too many small files."""

    table: str
    files: int
    bytes: int
    crowded: tuple[Partition, ...]


def shape(name: str, files: Iterable[DataFile], contract: Contract, *, factor: float) -> Shape:
    """Measure a table's files and find its crowded partitions.

    A partition is crowded if it has more than one file, and more files than ``factor`` times its size
    divided by the target file size.
    """
    partitions: dict[Partition, list[int]] = {}
    for file in files:
        partitions.setdefault(tuple(sorted(file.partition.items())), []).append(file.bytes)
    target = contract.target_file_mb * MIB
    crowded = tuple(
        partition
        for partition, sizes in partitions.items()
        if len(sizes) > max(1, math.floor(factor * sum(sizes) / target))
    )
    sizes = [size for file_sizes in partitions.values() for size in file_sizes]
    return Shape(name, len(sizes), sum(sizes), crowded)


def compact(store: Store, name: str, partitions: Sequence[Partition]) -> None:
    """Join the small files of each partition.

    Rows of one listener are stored side by side. No row changes. One commit joins the files of many
    partitions.
    """
    contract = store.contracts[name]
    columns = {column.name for column in contract.columns} - set(contract.partitions)
    for some in _parts_of(partitions):
        table = DeltaTable.forPath(store.spark, store.path(name)).optimize()
        if contract.partitions:
            table = table.where(" OR ".join(f"({_condition(contract, one)})" for one in some))
        with _target(store, contract):
            table.executeZOrderBy("user_id") if "user_id" in columns else table.executeCompaction()


def _parts_of(partitions: Sequence[Partition]) -> Iterator[Sequence[Partition]]:
    for start in range(0, len(partitions), PARTITIONS_AT_ONCE):
        yield partitions[start : start + PARTITIONS_AT_ONCE]


def drop_slices(store: Store, name: str, as_of: Iterable[datetime]) -> None:
    """Delete the slices of these instants, which are whole files, in one commit."""
    if instants := ", ".join(sql_value(moment) for moment in as_of):
        DeltaTable.forPath(store.spark, store.path(name)).delete(f"as_of IN ({instants})")


def empty(store: Store, name: str) -> None:
    """Remove all rows of a table, reading none of its files."""
    if store.exists(name):
        DeltaTable.forPath(store.spark, store.path(name)).delete()


def slices_of(store: Store, name: str) -> list[datetime]:
    """List the as-of instants of a table from its log."""
    texts = {file.partition.get("as_of") for file in store.files(Slice(name))}
    return sorted({utc_of(text) for text in texts if text})


def vacuum(store: Store, name: str, *, hours: float, dry_run: bool) -> int | None:
    """Remove files that no version of the last ``hours`` needs.

    With ``dry_run``, remove nothing and return their number.
    """
    command = f"VACUUM delta.`{store.path(name)}` RETAIN {hours:g} HOURS"
    if not dry_run:
        with _unprinted(store.spark):
            store.spark.sql(command)
        return None
    return store.spark.sql(f"{command} DRY RUN").where(F.col("path") != "").count()


@contextmanager
def _unprinted(spark: SparkSession) -> Iterator[None]:
    """Keep Delta from printing to standard output while the block runs."""
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    console = getattr(getattr(jvm.scala, "Console$"), "MODULE$")  # the object itself
    before = console.out()
    nothing = jvm.java.io.PrintStream(jvm.java.io.OutputStream.nullOutputStream())
    console.setOutDirect(nothing)
    try:
        yield
    finally:
        console.setOutDirect(before)


def is_held(store: Store, name: str, version: int, as_of: datetime) -> bool:
    """Return whether the newest version still has every file of an earlier slice."""
    night = part(name, as_of=as_of)
    old, now = store.files(night, version=version), store.files(night)
    return {file.path for file in old} <= {file.path for file in now}


@contextmanager
def _target(store: Store, contract: Contract) -> Iterator[None]:
    before = store.spark.conf.get(MAX_FILE_SIZE, None)
    store.spark.conf.set(MAX_FILE_SIZE, str(contract.target_file_mb * MIB))
    try:
        yield
    finally:
        if before is None:
            store.spark.conf.unset(MAX_FILE_SIZE)
        else:
            store.spark.conf.set(MAX_FILE_SIZE, before)


def _condition(contract: Contract, partition: Partition) -> str:
    return " AND ".join(
        f"{name} IS NULL"
        if text is None
        else f"{name} = CAST({sql_value(text)} AS {_type(contract, name)})"
        for name, text in partition
    )


def _type(contract: Contract, name: str) -> str:
    return contract.column(name).type.split(" or ")[0]
