"""Read data files of a Delta table and verify every checksum.

Files and row groups whose partition or minima and maxima exclude the keys are not read. Nothing is
read in threads: with them the process aborted at its end in one run of fifteen.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.fs import DeltaStorageHandler
from pyarrow import fs

from ritornello.tables.mends import LOG, Damage, damage_at, damaged_error, is_torn, missing_commit

Key = str | int | datetime
Wanted = Mapping[str, Sequence[Key]]
ROUNDED = timedelta(milliseconds=1)  # Delta's log cuts off the microseconds of a maximum
STORE_FAILED = "Generic "  # so begin errors of object stores that are no fault of the file
NEWEST = 100  # Delta writes a checkpoint every ten commits and reads only the commits after it


@dataclass(frozen=True)
class Rows:
    """The rows of one version of a table.

    The table lies at ``place`` below its warehouse.
    """

    table: DeltaTable
    place: str

    def read(self, columns: Sequence[str], wanted: Wanted) -> pa.Table:
        """Return these columns of the rows whose keys are among the wanted ones."""
        with self._named(LOG):
            schema = _schema(self.table)
            files = pa.table(self.table.get_add_actions()).to_pylist()
        needed = list(dict.fromkeys([*columns, *wanted]))
        schema = pa.schema([schema.field(name).with_metadata(None) for name in needed])
        store = file_system(self.table)
        parts = [
            self._read_file(store, file, schema, wanted)
            for file in files
            if _may_hold(_ranges_of(file), wanted)
        ]
        return pa.concat_tables([schema.empty_table(), *parts]).select(list(columns))

    def _read_file(
        self, store: fs.FileSystem, file: dict[str, Any], schema: pa.Schema, wanted: Wanted
    ) -> pa.Table:
        path = unquote(file["path"])
        with self._named(path), store.open_input_file(path) as source:
            if source.size() != file["size_bytes"]:
                raise pa.ArrowInvalid(f"{source.size()} of {file['size_bytes']} bytes")
            stored = pq.ParquetFile(source, page_checksum_verification=True)
            names = [name for name in schema.names if name in stored.schema_arrow.names]
            groups = [
                group
                for group in range(stored.num_row_groups)
                if _may_hold(_ranges_in(stored.metadata.row_group(group)), wanted)
            ]
            rows = stored.read_row_groups(groups, columns=names, use_threads=False)
        return _matching(_completed(rows, schema, file.get("partition") or {}), wanted)

    @contextmanager
    def _named(self, path: str) -> Iterator[None]:
        """Name the file that the block reads if it is missing or damaged."""
        try:
            yield
        except FileNotFoundError:
            raise damaged_error(self.damage(path, "is missing")) from None
        except (OSError, pa.ArrowException) as error:
            if isinstance(error, MemoryError) or STORE_FAILED in str(error):
                raise
            raise damaged_error(self.damage(path, "is damaged")) from None

    def damage(self, path: str, what: str) -> Damage:
        """Return the damage of a file of this table."""
        damage = damage_at(f"{self.place}/{path}", what)
        assert damage is not None, self.place
        return damage


def file_system(table: DeltaTable) -> fs.FileSystem:
    """Return the file system of a table, whose paths begin at its folder."""
    options = table._storage_options
    return fs.PyFileSystem(DeltaStorageHandler.from_table(table._table, options, None))


def damage_of_log(place: str) -> tuple[str, str] | None:
    """Return the missing or torn commit of a table's log, or None."""
    store = fs.PyFileSystem(DeltaStorageHandler(place))
    infos = store.get_file_info(fs.FileSelector(LOG))
    names = sorted(info.path.rsplit("/", 1)[-1] for info in infos)
    if missing := missing_commit(names):
        return f"{LOG}/{missing}", "is missing"
    for name in [name for name in names if name.endswith(".json")][: -NEWEST - 1 : -1]:
        with store.open_input_file(f"{LOG}/{name}") as source:
            if is_torn(source.read().decode(errors="replace")):
                return f"{LOG}/{name}", "is damaged"
    return None


def _schema(table: DeltaTable) -> pa.Schema:
    return pa.schema(table.schema().to_arrow())


def _ranges_of(file: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the smallest and largest value per column, as far as known."""
    least, most = file.get("min") or {}, file.get("max") or {}
    ranges = {name: (least[name], _rounded_up(most.get(name))) for name in least}
    return ranges | {name: (one, one) for name, one in (file.get("partition") or {}).items()}


def _rounded_up(value: Any) -> Any:
    return value + ROUNDED if isinstance(value, datetime) else value


def _ranges_in(group: Any) -> dict[str, tuple[Any, Any]]:
    """Return the smallest and largest value of a row group's columns."""
    columns = (group.column(number) for number in range(group.num_columns))
    return {
        column.path_in_schema: (column.statistics.min, column.statistics.max)
        for column in columns
        if column.statistics is not None and column.statistics.has_min_max
    }


def _may_hold(ranges: Mapping[str, tuple[Any, Any]], wanted: Wanted) -> bool:
    return all(
        any(_lies_in(key, *ranges.get(column, (None, None))) for key in keys)
        for column, keys in wanted.items()
    )


def _lies_in(key: Key, least: Any, most: Any) -> bool:
    """Return whether the key may lie in a range.

    It may if the range is unknown or of another type.
    """
    try:
        return least is None or most is None or bool(least <= key <= most)
    except TypeError:
        return True


def _completed(rows: pa.Table, schema: pa.Schema, partition: Mapping[str, Any]) -> pa.Table:
    """Add the columns that the file lacks.

    Partition columns stand in the log, and columns younger than the file are null.
    """
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else _repeated(partition.get(field.name), field.type, rows.num_rows)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _repeated(value: Any, type_: pa.DataType, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, type_), times)


def _matching(rows: pa.Table, wanted: Wanted) -> pa.Table:
    for column, keys in wanted.items():
        rows = rows.filter(pc.is_in(_wide(rows[column]), value_set=_set_of(keys, rows[column])))
    return rows


def _wide(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return whole numbers in 64 bits, so that every key fits."""
    return column.cast(pa.int64()) if pa.types.is_integer(column.type) else column


def _set_of(keys: Sequence[Key], column: pa.ChunkedArray) -> pa.Array:
    whole = pa.types.is_integer(column.type)
    values = [int(key) if isinstance(key, int) else key for key in keys]
    return pa.array(values, pa.int64() if whole else column.type)
