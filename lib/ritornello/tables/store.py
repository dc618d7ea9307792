"""The store: the only module that reads or writes tables, and the door where contracts are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from delta.tables import DeltaTable
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import ContractError, UsageError
from ritornello.instants import compact, sql_timestamp
from ritornello.tables.checks import check_columns, count_rows
from ritornello.tables.contracts import Contract, contracts

# minima and maxima are kept of the first columns, where keys and times stand: they cost more to
# collect over seventy features than the whole of a small write
INDEXED_COLUMNS = "3"

SliceValue = str | int | date | datetime


@dataclass(frozen=True)
class Written:
    """What one write did."""

    table: str
    rows: int
    version: int


class Store:
    """Tables of one warehouse, seen as one item kind. A slice is named by partition values."""

    def __init__(self, spark: SparkSession, warehouse: str, item_kind: str = "track") -> None:
        self.spark = spark
        self.warehouse = absolute(warehouse)
        self.item_kind = item_kind
        self.contracts = contracts(item_kind)
        self.versions_read: dict[str, int] = {}
        self.written: list[Written] = []

    # -- reading

    def exists(self, name: str) -> bool:
        return bool(DeltaTable.isDeltaTable(self.spark, self.path(name)))

    def read(self, name: str, **slice_: SliceValue) -> DataFrame:
        """A table, or one slice of it; an absent table or empty slice says what to run first."""
        if not self.exists(name):
            raise UsageError(
                f"table {name} is not in {self.warehouse} yet: run the job that writes it"
            )
        self._load(name, {})  # looks for commits of others
        self.versions_read[name] = self._version(name)
        # pinned: a persisted frame over an unpinned table is computed anew after a write to it
        table = self.read_version(name, self.versions_read[name])
        return table.where(_condition(slice_)) if slice_ else table

    def has(self, name: str, **slice_: SliceValue) -> bool:
        """Whether the slice holds a row."""
        return self.exists(name) and not self.read(name, **slice_).isEmpty()

    def read_version(self, name: str, version: int) -> DataFrame:
        """A table as it was right after that commit."""
        table = self.spark.read.format("delta").option("versionAsOf", version).load(self.path(name))
        return check_columns(table, self.contracts[name])

    def version(self, name: str) -> int:
        """The newest commit of a table, -1 if it is not there."""
        return self._version(name) if self.exists(name) else -1

    def marked(self, name: str, mark: str) -> int | None:
        """The version that was committed with this mark, among the newest thousand."""
        if not self.exists(name):
            return None
        history = DeltaTable.forPath(self.spark, self.path(name)).history(1000)
        found = history.where(F.col("userMetadata") == mark).agg(F.max("version")).first()
        return None if found is None or found[0] is None else int(found[0])

    # -- writing

    def replace(
        self, name: str, df: DataFrame, *, mark: str | None = None, **slice_: SliceValue
    ) -> Written:
        """Put ``df`` in the place of one slice (of the whole table without one), all or nothing."""
        contract = self.contracts[name]
        for column, value in slice_.items():
            df = df.withColumn(column, _literal(value, contract.column(column).type))
        checked = check_columns(df, contract)
        self._create(contract, checked)
        writer = _marked(checked.write.format("delta").mode("overwrite"), mark)
        if slice_:
            writer = writer.option("replaceWhere", _condition(slice_))
        with self._undone_on_error(name):
            writer.save(self.path(name))
            count = count_rows(self._load(name, slice_), contract)
        return self._note(name, count)

    def append(self, name: str, df: DataFrame, *, mark: str | None = None) -> Written:
        """Add rows whose keys are new to the table; a key that is there already is an error.

        ``mark`` stands in the commit, so that a rerun after a crash can see it (``marked``).
        """
        contract = self.contracts[name]
        checked = check_columns(df, contract)
        created = self._create(contract, checked)
        with _kept(checked) as rows:
            count = count_rows(rows, contract)
            if contract.key and not created:
                self._check_new(name, rows, contract)
            _marked(rows.write.format("delta").mode("append"), mark).save(self.path(name))
        return self._note(name, count)

    def _check_new(self, name: str, rows: DataFrame, contract: Contract) -> None:
        held = self._load(name, {}).select(*contract.key)
        for column in contract.partitions:  # only these partitions can hold the keys
            touched = [row[0] for row in rows.select(column).distinct().collect()]
            held = held.where(F.col(column).isin(touched))
        if not rows.join(held, on=list(contract.key), how="left_semi").isEmpty():
            raise ContractError(f"table {name}: appended keys are there already")

    def _load(self, name: str, slice_: dict[str, SliceValue]) -> DataFrame:
        table = self.spark.read.format("delta").load(self.path(name))
        return table.where(_condition(slice_)) if slice_ else table

    @contextmanager
    def _undone_on_error(self, name: str) -> Iterator[None]:
        """Bring the version from before the block back if its rows break the contract."""
        before = self._version(name)
        try:
            yield
        except ContractError:
            DeltaTable.forPath(self.spark, self.path(name)).restoreToVersion(before)
            raise

    def _note(self, name: str, rows: int) -> Written:
        done = Written(name, rows, self._version(name))
        self.written.append(done)
        return done

    # -- reports beside the tables

    def write_report(self, as_of: datetime, name: str, text: str) -> str:
        """A small text file under ``reports/<as_of>/``; returns where it lies."""
        path = f"{self.warehouse}/{self.item_kind}/reports/{compact(as_of)}/{name}"
        jvm = self.spark.sparkContext._jvm
        assert jvm is not None
        target = jvm.org.apache.hadoop.fs.Path(path)
        conf = self.spark.sparkContext._jsc.hadoopConfiguration()
        stream = target.getFileSystem(conf).create(target, True)
        try:
            stream.write(bytearray(text, "utf-8"))
        finally:
            stream.close()
        return path

    # -- Delta

    def path(self, name: str) -> str:
        contract = self.contracts[name]
        space = f"/{self.item_kind}" if contract.of_item_kind else ""
        return f"{self.warehouse}{space}/{name}"

    def _version(self, name: str) -> int:
        jvm = self.spark.sparkContext._jvm
        assert jvm is not None
        log = jvm.org.apache.spark.sql.delta.DeltaLog.forTable(
            self.spark._jsparkSession, self.path(name)
        )
        return int(log.unsafeVolatileSnapshot().version())

    def _create(self, contract: Contract, df: DataFrame) -> bool:
        """The empty table, with comments, NOT NULL and CHECK constraints, if it is not there."""
        if self.exists(contract.name):
            return False
        types = {field.name: field.dataType for field in df.schema.fields}
        builder = DeltaTable.createIfNotExists(self.spark).location(self.path(contract.name))
        for column in contract.columns:
            builder = builder.addColumn(
                column.name, types[column.name], nullable=column.nullable, comment=column.meaning
            )
        for constraint, condition in contract.constraints.items():
            builder = builder.property(f"delta.constraints.{constraint}", condition)
        builder = builder.property("delta.enableDeletionVectors", "false").comment(contract.row)
        builder = builder.property("delta.dataSkippingNumIndexedCols", INDEXED_COLUMNS)
        if contract.partitions:
            builder = builder.partitionedBy(*contract.partitions)
        builder.execute()
        return True


def _marked(writer: DataFrameWriter, mark: str | None) -> DataFrameWriter:
    return writer.option("userMetadata", mark) if mark else writer


def absolute(place: str) -> str:
    """A URI as it is; a path of this machine made absolute, as Delta wants it."""
    return place.rstrip("/") if "://" in place else str(Path(place).expanduser().resolve())


@contextmanager
def _kept(df: DataFrame) -> Iterator[DataFrame]:
    """The rows computed once, on the executors' disks, for the check and for the write."""
    kept = df.persist(StorageLevel.DISK_ONLY)
    try:
        yield kept
    finally:
        kept.unpersist()


def _condition(slice_: dict[str, SliceValue]) -> str:
    return " AND ".join(f"{column} = {_sql(value)}" for column, value in slice_.items())


def _sql(value: SliceValue) -> str:
    if isinstance(value, datetime):
        return sql_timestamp(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)


def _literal(value: SliceValue, type_: str) -> Column:
    return F.expr(_sql(value)).cast(type_)
