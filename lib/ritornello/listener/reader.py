"""Read the warehouse without Spark.

A read returns a few columns of a few rows, looked up by their keys.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from ritornello.errors import UsageError
from ritornello.tables.contracts import contracts

Key = str | int | datetime
Keys = Key | Sequence[Key]


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
        space = f"/{self.item_kind}" if self._contracts[name].of_item_kind else ""
        return f"{self.warehouse}{space}/{name}"

    def has(self, name: str) -> bool:
        """Return whether the table exists."""
        return (name, None) in self._open or DeltaTable.is_deltatable(self.path(name))

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

        Files, row groups and pages whose partition or minima and maxima exclude the keys are not
        read. (With pyarrow's datasets the process aborted at its end in one run of four.)
        """
        table = self._table(name, version)
        self._check(name, table, columns)
        condition = " AND ".join(_is(column, keys) for column, keys in where.items())
        query = f"SELECT {', '.join(map(_quoted, columns))} FROM rows"
        query += f" WHERE {condition}" if condition else ""
        query += "" if limit is None else f" ORDER BY {_quoted(columns[0])} LIMIT {limit}"
        result = QueryBuilder().register("rows", table).execute(query)
        # text comes back as string views, which pandas does not accept inside lists
        schema = pa.schema(table.schema().to_arrow())
        types = pa.schema([schema.field(column).with_metadata(None) for column in columns])
        frame: pd.DataFrame = pa.table(result).cast(types).to_pandas(types_mapper=_whole_numbers)
        return frame

    def _check(self, name: str, table: DeltaTable, columns: Sequence[str]) -> None:
        present = {field.name for field in table.schema().fields}
        missing = [column for column in columns if column not in present]
        if missing:
            raise UsageError(
                f"table {name} of {self.warehouse} has no {', '.join(missing)}: "
                "it was written by an older version, so import the plays into a new warehouse"
            )

    def is_text(self, name: str, column: str) -> bool:
        """Return whether the column holds text.

        Ids have the type that their source gives them.
        """
        types = {field.name: field.type for field in self._table(name).schema().fields}
        return bool(getattr(types[column], "type", None) == "string")

    def instants(self, name: str) -> list[datetime]:
        """Return the as-of instants of a table's slices, oldest first."""
        partitions = self._table(name).partitions()
        return sorted({_instant(one["as_of"]) for one in partitions})

    def _table(self, name: str, version: int | None = None) -> DeltaTable:
        if (name, version) not in self._open:
            if not DeltaTable.is_deltatable(self.path(name)):
                raise UsageError(
                    f"table {name} is not in {self.warehouse} yet: run the job that writes it"
                )
            try:
                self._open[name, version] = DeltaTable(self.path(name), version=version)
            except DeltaError as error:
                lines = str(error).strip().splitlines()
                raise UsageError(f"{self.path(name)} cannot be read: {lines[0]}") from None
        return self._open[name, version]


def _absolute(place: str) -> str:
    return place.rstrip("/") if "://" in place else str(Path(place).expanduser().resolve())


def _instant(value: Any) -> datetime:
    return pd.Timestamp(value).tz_localize(None).tz_localize("UTC").to_pydatetime()


def _is(column: str, keys: Keys) -> str:
    if isinstance(keys, (str, int, datetime)):
        return f"{_quoted(column)} = {_literal(keys)}"
    values = ", ".join(map(_literal, keys))
    return f"{_quoted(column)} IN ({values})" if values else "false"


def _quoted(column: str) -> str:
    return f'"{column}"'


def _literal(key: Key) -> str:
    if isinstance(key, str):
        return "'" + key.replace("'", "''") + "'"
    if isinstance(key, datetime):
        return f"TIMESTAMP '{key.astimezone(UTC).isoformat()}'"
    return str(int(key))


def _whole_numbers(type_: Any) -> Any:
    """Keep integer columns as integers where some values are null."""
    return pd.Int64Dtype() if pa.types.is_integer(type_) else None
