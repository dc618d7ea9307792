"""The store, which reads and writes all tables and enforces their contracts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import ContractError
from ritornello.interpreted import interpreted
from ritornello.tables.checks import (
    as_of_now,
    check_columns,
    count_rows,
    within_budget,
)
from ritornello.tables.conflicts import named_errors
from ritornello.tables.contracts import Contract, contracts
from ritornello.tables.creation import create_table
from ritornello.tables.mends import missing_table
from ritornello.tables.migrations import check_version as check_table
from ritornello.tables.slices import DataFile, Slice, SliceValue, condition, fingerprint, part
from ritornello.tables.small import SmallTables
from ritornello.tables.snapshots import data_files, marked_version, newest_version, table_version
from ritornello.tables.writing import absolute, literal, on_disk, with_mark

__all__ = ["Store", "Written", "absolute"]


@dataclass(frozen=True)
class Written:
    """The result of one write."""

    table: str
    rows: int
    version: int


class Store:
    """Tables of one warehouse, for one item kind.

    A slice is named by partition values.
    """

    def __init__(self, spark: SparkSession, warehouse: str, item_kind: str = "track") -> None:
        self.spark = spark
        self.warehouse = absolute(warehouse)
        self.item_kind = item_kind
        self.contracts = contracts(item_kind)
        self.versions_read: dict[str, int] = {}
        self.written: list[Written] = []
        self.row_budget: int | None = None  # a write of more rows is a runaway join
        self._files: dict[tuple[str, int], list[DataFile]] = {}
        self._small = SmallTables(spark)
        self._known: set[str] = set()  # tables whose contract version was checked

    # -- reading

    def exists(self, name: str) -> bool:
        return bool(DeltaTable.isDeltaTable(self.spark, self.path(name)))

    def read(self, name: str, **slice_: SliceValue) -> DataFrame:
        """Read a table or one slice of it.

        Raise UsageError if the table does not exist.
        """
        if not self.exists(name):
            raise missing_table(name, self.warehouse)
        self.check_version(name)
        self.versions_read[name] = newest_version(self.spark, self.path(name))
        # pin the version: a write to an unpinned table makes Spark recompute persisted frames of it
        table = self.read_version(name, self.versions_read[name])
        return table.where(condition(slice_)) if slice_ else table

    def read_mine(self, name: str) -> DataFrame:
        """Read the rows of this item kind in a table that all kinds share."""
        return self.read(name).where(F.col("item_kind") == self.item_kind)

    def has(self, name: str, **slice_: SliceValue) -> bool:
        """Return whether the slice holds a row.

        Where partitions are named, the number of rows stands in the log.
        """
        if not self.exists(name):
            return False
        self.check_version(name)
        if set(slice_) <= set(self.contracts[name].partitions):
            files = self.files(part(name, **slice_))
            if not files or any(file.rows for file in files):
                return bool(files)
        with interpreted(self.spark):
            return not self.read(name, **slice_).isEmpty()

    def read_version(self, name: str, version: int) -> DataFrame:
        """Read a table as of one commit.

        Rows of an older version get the columns of the contract.
        """
        table = self._small.read(self.path(name), version)
        if table is None:
            reader = self.spark.read.format("delta").option("versionAsOf", version)
            table = reader.load(self.path(name))
        return check_columns(as_of_now(table, self.contracts[name]), self.contracts[name])

    def version(self, name: str) -> int:
        """Return the newest version of a table, or -1 if it does not exist."""
        return table_version(self.spark, self.path(name)) if self.exists(name) else -1

    def marked(self, name: str, mark: str) -> int | None:
        """Return the newest version with this mark, among the last thousand commits."""
        with interpreted(self.spark):
            return marked_version(self.spark, self.path(name), mark) if self.exists(name) else None

    def files(self, part: Slice, *, version: int | None = None) -> list[DataFile]:
        """List the files that may hold a row of the slice.

        Without ``version``, those of the newest one. There are none if the table does not exist.
        """
        if not self.exists(part.table):
            return []
        path = self.path(part.table)
        known = (part.table, newest_version(self.spark, path) if version is None else version)
        if known not in self._files:
            self._files[known] = data_files(self.spark, path, known[1])
        return [file for file in self._files[known] if part.holds(file)]

    def fingerprint(self, part: Slice) -> str:
        """Hash the slice's files. The same hash means the same rows."""
        return fingerprint(self.files(part), grows=part.grows)

    # -- writing

    def replace(
        self, name: str, df: DataFrame, *, mark: str | None = None, **slice_: SliceValue
    ) -> Written:
        """Replace one slice, or the whole table, by ``df``.

        If the rows break the contract, the old rows are restored and ContractError is raised.
        """
        contract = self.contracts[name]
        for column, value in slice_.items():
            df = df.withColumn(column, literal(value, contract.column(column).type))
        checked = within_budget(check_columns(df, contract), self.row_budget)
        self._create(contract, checked)
        writer = with_mark(self._overwriting(checked, slice_), mark)
        with named_errors(name), self._undone_on_error(name, slice_):
            writer.save(self.path(name))
            count = count_rows(self._load(name, slice_), contract)
        return self._note(name, count)

    def append(
        self,
        name: str,
        df: DataFrame,
        *,
        mark: str | None = None,
        turn: tuple[str, int] | None = None,
    ) -> Written:
        """Add rows whose keys are new to the table.

        A key that is already stored raises ContractError. ``mark`` is stored in the commit, so that
        a rerun after a crash can see it (``marked``). ``turn`` is a name and a rising number: Delta
        drops a commit whose number is not above the last one of that name. If two writers take the
        same number, one of them writes nothing.
        """
        contract = self.contracts[name]
        checked = within_budget(check_columns(df, contract), self.row_budget)
        created = self._create(contract, checked)
        with named_errors(name), on_disk(checked) as rows:
            count = count_rows(rows, contract)
            if contract.key and not created:
                self._check_new(name, rows, contract)
            writer = with_mark(rows.write.format("delta").mode("append"), mark)
            if turn:
                writer = writer.option("txnAppId", turn[0]).option("txnVersion", turn[1])
            writer.save(self.path(name))
        return self._note(name, count)

    def _check_new(self, name: str, rows: DataFrame, contract: Contract) -> None:
        stored = self._load(name, {}).select(*contract.key)
        for column in contract.partitions:  # no other partition can hold the keys
            values = [row[0] for row in rows.select(column).distinct().collect()]
            stored = stored.where(F.col(column).isin(values))
        if not rows.join(stored, on=list(contract.key), how="left_semi").isEmpty():
            raise ContractError(f"table {name}: some of the appended keys are already stored")

    def _load(self, name: str, slice_: dict[str, SliceValue]) -> DataFrame:
        """Read the newest version that this session has seen."""
        path = self.path(name)
        table = self._small.read(path, table_version(self.spark, path))
        if table is None:
            table = self.spark.read.format("delta").load(path)
        return table.where(condition(slice_)) if slice_ else table

    @contextmanager
    def _undone_on_error(self, name: str, slice_: dict[str, SliceValue]) -> Iterator[None]:
        """Restore the slice from before the block if its new rows break the contract."""
        version = table_version(self.spark, self.path(name))
        try:
            yield
        except ContractError:
            before = self.read_version(name, version)
            rows = before.where(condition(slice_)) if slice_ else before
            self._overwriting(rows, slice_).save(self.path(name))
            raise

    @staticmethod
    def _overwriting(rows: DataFrame, slice_: dict[str, SliceValue]) -> DataFrameWriter:
        writer = rows.write.format("delta").mode("overwrite")
        return writer.option("replaceWhere", condition(slice_)) if slice_ else writer

    def _note(self, name: str, rows: int) -> Written:
        written = Written(name, rows, table_version(self.spark, self.path(name)))
        self.written.append(written)
        return written

    def check_version(self, name: str) -> None:
        """Raise UsageError for a table that another version of Ritornello wrote."""
        if name not in self._known and self.exists(name):
            check_table(self.spark, self.path(name), self.contracts[name])
            self._known.add(name)

    # -- Delta

    def path(self, name: str) -> str:
        contract = self.contracts[name]
        space = f"/{self.item_kind}" if contract.of_item_kind else ""
        return f"{self.warehouse}{space}/{name}"

    def _create(self, contract: Contract, df: DataFrame) -> bool:
        """Create the table if it does not exist, and return whether it was created."""
        if self.exists(contract.name):
            self.check_version(contract.name)
            return False
        create_table(self.spark, self.path(contract.name), contract, df)
        return True
