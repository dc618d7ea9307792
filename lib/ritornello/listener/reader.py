"""Read the warehouse without Spark.

A read returns a few columns of a few rows, looked up by their keys.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from ritornello.errors import RitornelloError, UsageError
from ritornello.listener.pages import Key, Rows, damage_of_log
from ritornello.tables.contracts import contracts
from ritornello.tables.contracts.contract import CONTRACT_VERSION
from ritornello.tables.mends import LOG, damage_at, damaged_error, missing_table

Keys = Key | Sequence[Key]
# parts of deltalake's texts where a checkpoint is damaged or missing
DAMAGED_LOG = ("Invalid Checkpoint", "Parquet error", "Invalid Parquet")


class Reader:
    """The tables of one warehouse and item kind.

    Each table stays as it was when it was first read here.
    """

    def __init__(self, warehouse: str, item_kind: str = "track") -> None:
        self.warehouse = _absolute(warehouse)
        self.item_kind = item_kind
        self._contracts = contracts(item_kind)
        self._open: dict[tuple[str, int | None], DeltaTable] = {}

    def path(self, name: str) -> str:
        return f"{self.warehouse}/{self._place(name)}"

    def _place(self, name: str) -> str:
        return f"{self.item_kind}/{name}" if self._contracts[name].of_item_kind else name

    def has(self, name: str) -> bool:
        """Return whether the table exists.

        Raises UsageError if the warehouse cannot be reached.
        """
        return (name, None) in self._open or self._is_table(name)

    def _is_table(self, name: str) -> bool:
        try:
            return DeltaTable.is_deltatable(self.path(name))
        except (OSError, DeltaError) as error:
            why = str(error).strip().splitlines()[0]
            raise UsageError(
                f"{self.warehouse} cannot be reached ({why}): check its address and credentials"
            ) from None

    def present(self) -> list[str]:
        """List the tables that exist, in the order of their contracts."""
        return [name for name in self._contracts if self.has(name)]

    def size(self, name: str) -> dict[str, int]:
        """Return the rows, files and bytes of a table's newest version."""
        files = pa.table(self._table(name).get_add_actions())
        rows, size = (pc.sum(files[column]).as_py() for column in ("num_records", "size_bytes"))
        return {"rows": rows or 0, "files": files.num_rows, "bytes": size or 0}

    def read(
        self,
        name: str,
        columns: Sequence[str],
        *,
        version: int | None = None,
        limit: int | None = None,
        **where: Keys,
    ) -> pd.DataFrame:
        """Return these columns of the rows with these keys.

        A sequence of keys matches any of them. With a ``limit``, only that many rows are returned,
        the smallest by the first column.

        Files and row groups whose partition or minima and maxima exclude the keys are not read. A
        missing file or a page whose checksum is wrong raises DamagedError. (With pyarrow's datasets
        the process aborted at its end in one run of four.)
        """
        table = self._table(name, version)
        self._check(name, table, columns)
        wanted = {column: _listed(keys) for column, keys in where.items()}
        rows = Rows(table, self._place(name)).read(columns, wanted)
        if limit is not None:
            first = pc.sort_indices(rows, sort_keys=[(columns[0], "ascending")])
            rows = rows.take(first[:limit])
        frame: pd.DataFrame = rows.to_pandas(types_mapper=_whole_numbers, use_threads=False)
        return frame

    def _check(self, name: str, table: DeltaTable, columns: Sequence[str]) -> None:
        present = {field.name for field in table.schema().fields}
        missing = [column for column in columns if column not in present]
        if missing:
            raise UsageError(
                f"table {name} of {self.warehouse} has no {', '.join(missing)}: "
                "it was written by an older version, so run `ritornello migrate` once"
            )

    def instants(self, name: str) -> list[datetime]:
        """Return the as-of instants of a table's slices, oldest first."""
        partitions = self._table(name).partitions()
        return sorted({_instant(one["as_of"]) for one in partitions})

    def _table(self, name: str, version: int | None = None) -> DeltaTable:
        if (name, version) not in self._open:
            if not self._is_table(name):
                raise missing_table(name, self.warehouse)
            try:
                table = DeltaTable(self.path(name), version=version)
            except DeltaError as error:
                raise self._unreadable(name, str(error)) from None
            if version is None:
                self._check_contract(name, table)
            self._open[name, version] = table
        return self._open[name, version]

    def _check_contract(self, name: str, table: DeltaTable) -> None:
        """Raise UsageError for a table that an older version of Ritornello wrote."""
        stored = table.metadata().configuration.get(CONTRACT_VERSION)
        if stored is not None and int(stored) < self._contracts[name].version:
            raise UsageError(
                f"table {name} of {self.warehouse} was written by an older version of Ritornello: run "
                "`ritornello migrate` once"
            )

    def _unreadable(self, name: str, text: str) -> RitornelloError:
        """Return the error for a table that cannot be opened.

        Its log is damaged, or there is no such version.
        """
        known = damage_of_log(self.path(name))
        if known is None and any(sign in text for sign in DAMAGED_LOG):
            known = LOG, "is damaged"
        damage = known and damage_at(f"{self._place(name)}/{known[0]}", known[1])
        if damage:
            return damaged_error(damage)
        return UsageError(f"{self.path(name)} cannot be read: {text.strip().splitlines()[0]}")


def _absolute(place: str) -> str:
    return place.rstrip("/") if "://" in place else str(Path(place).expanduser().resolve())


def _instant(value: Any) -> datetime:
    return pd.Timestamp(value).tz_localize(None).tz_localize("UTC").to_pydatetime()


def _listed(keys: Keys) -> list[Key]:
    every = [keys] if isinstance(keys, (str, int, datetime)) else keys
    return [key.astimezone(UTC) if isinstance(key, datetime) else key for key in every]


def _whole_numbers(type_: Any) -> Any:
    """Keep integer columns as integers where some values are null."""
    return pd.Int64Dtype() if pa.types.is_integer(type_) else None
