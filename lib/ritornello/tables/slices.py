"""Slices of tables, and how one tells without reading a row that a slice is as it was.

A slice is told from others by the data files that hold it: a Delta table never changes a file, so
the same set of files is the same rows. A rewrite with equal rows counts as a change.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ritornello.instants import iso, sql_timestamp

SliceValue = str | int | date | datetime


@dataclass(frozen=True)
class DataFile:
    """One file of a table's version: its partition values as text, its rows, bytes and minima."""

    path: str
    partition: dict[str, str | None]
    rows: int
    bytes: int
    least: dict[str, object]


@dataclass(frozen=True)
class Slice:
    """Part of a table: the partitions with these values, or the plays before an instant.

    ``up_to`` takes the slices with that ``as_of`` or an earlier one. ``before`` leaves out every
    file whose earliest play is at or after it, so that the plays of later days change nothing. Of a
    slice that ``grows`` only the loss of a file is a change: what was derived before from
    append-only ids does not hang on those that came later.
    """

    table: str
    where: tuple[tuple[str, SliceValue], ...] = ()
    before: datetime | None = None
    grows: bool = False
    up_to: datetime | None = None

    def __str__(self) -> str:
        told = [_value_text(value) for _, value in self.where]
        told += [f"before {iso(self.before)}"] if self.before else []
        told += [f"up to {iso(self.up_to)}"] if self.up_to else []
        return " ".join([self.table, *told])

    def overlaps(self, other: "Slice") -> bool:
        """Whether a row may lie in both."""
        mine = dict(self.where)
        return self.table == other.table and all(
            mine.get(column, value) == value for column, value in other.where
        )

    def holds(self, file: DataFile) -> bool:
        """Whether the file may have a row of the slice."""
        if any(not _equal(file.partition.get(name), value) for name, value in self.where):
            return False
        if self.up_to and not _is_up_to(file.partition.get("as_of"), self.up_to):
            return False
        earliest = file.least.get("played_at")
        return not (self.before and isinstance(earliest, str)) or utc_of(earliest) < self.before


def part(table: str, **where: SliceValue) -> Slice:
    """The slice of a table with these partition values; without any, the whole table."""
    return Slice(table, tuple(where.items()))


def fingerprint(files: Iterable[DataFile], *, grows: bool = False) -> str:
    """Short hash of a set of files, equal for equal sets; if it grows, a hash of each."""
    names = sorted(_short(file.path) for file in files)
    return " ".join(names) if grows else _short("\n".join(names))


def is_as_it_was(earlier: str, now: str, *, grows: bool = False) -> bool:
    """Whether two fingerprints of a slice speak of the same rows."""
    return set(earlier.split()) <= set(now.split()) if grows else earlier == now


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def data_file(
    path: str, partition: dict[str, str | None], size: int, stats: str | None
) -> DataFile:
    """A file as the table's log tells of it."""
    told = json.loads(stats) if stats else {}
    return DataFile(
        path, partition, int(told.get("numRecords", 0)), size, told.get("minValues") or {}
    )


def condition(slice_: dict[str, SliceValue]) -> str:
    """SQL that names every partition value literally: only so do writers of two slices not clash."""
    return " AND ".join(f"{column} = {sql_value(value)}" for column, value in slice_.items())


def sql_value(value: SliceValue) -> str:
    """The value as a literal of SQL."""
    if isinstance(value, datetime):
        return sql_timestamp(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)


def _is_up_to(text: str | None, last: datetime) -> bool:
    return text is not None and utc_of(text) <= last


def _equal(text: str | None, value: SliceValue) -> bool:
    if text is None:
        return False
    if isinstance(value, datetime):
        return utc_of(text) == value
    return text == str(value)


def utc_of(text: str) -> datetime:
    """An instant as Delta's log writes it."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _value_text(value: SliceValue) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)
