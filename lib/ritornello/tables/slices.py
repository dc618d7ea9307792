"""Slices of tables, and fingerprints that detect a change without reading a row.

A slice is identified by the data files that hold it. A Delta table never changes a file, so the same
set of files means the same rows. A rewrite with equal rows counts as a change.
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
    """One data file of a version of a table.

    Partition values are text. ``least`` holds the smallest value of each column with statistics.
    """

    path: str
    partition: dict[str, str | None]
    rows: int
    bytes: int
    least: dict[str, object]


@dataclass(frozen=True)
class Slice:
    """Part of a table, by partition values or by plays before an instant.

    ``up_to`` selects the slices with that ``as_of`` or an earlier one. ``before`` leaves out every
    file whose earliest play is at or after it, so plays of later days change nothing. If a slice
    ``grows``, only the loss of a file is a change: rows derived from append-only ids do not depend
    on ids that were added later.
    """

    table: str
    where: tuple[tuple[str, SliceValue], ...] = ()
    before: datetime | None = None
    grows: bool = False
    up_to: datetime | None = None

    def __str__(self) -> str:
        parts = [_value_text(value) for _, value in self.where]
        parts += [f"before {iso(self.before)}"] if self.before else []
        parts += [f"up to {iso(self.up_to)}"] if self.up_to else []
        return " ".join([self.table, *parts])

    def overlaps(self, other: "Slice") -> bool:
        """Return whether a row may be in both slices."""
        mine = dict(self.where)
        return self.table == other.table and all(
            mine.get(column, value) == value for column, value in other.where
        )

    def holds(self, file: DataFile) -> bool:
        """Return whether the file may hold a row of the slice."""
        if any(not _equal(file.partition.get(name), value) for name, value in self.where):
            return False
        if self.up_to and not _is_up_to(file.partition.get("as_of"), self.up_to):
            return False
        earliest = file.least.get("played_at")
        return not (self.before and isinstance(earliest, str)) or utc_of(earliest) < self.before


def part(table: str, **where: SliceValue) -> Slice:
    """Return the slice with these partition values, or else the whole table."""
    return Slice(table, tuple(where.items()))


def fingerprint(files: Iterable[DataFile], *, grows: bool = False) -> str:
    """Return a short hash of a set of files, equal for equal sets.

    For a slice that ``grows``, return a hash per file instead.
    """
    names = sorted(_short(file.path) for file in files)
    return " ".join(names) if grows else _short("\n".join(names))


def is_as_it_was(earlier: str, now: str, *, grows: bool = False) -> bool:
    """Return whether two fingerprints of a slice stand for the same rows."""
    return set(earlier.split()) <= set(now.split()) if grows else earlier == now


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def data_file(
    path: str, partition: dict[str, str | None], size: int, stats: str | None
) -> DataFile:
    """Read a data file from its entry in the table's log."""
    statistics = json.loads(stats) if stats else {}
    return DataFile(
        path,
        partition,
        int(statistics.get("numRecords", 0)),
        size,
        statistics.get("minValues") or {},
    )


def condition(slice_: dict[str, SliceValue]) -> str:
    """Return the SQL condition of a slice, with every partition value as a literal.

    Delta needs literals to see that two writers of different slices do not conflict.
    """
    return " AND ".join(f"{column} = {sql_value(value)}" for column, value in slice_.items())


def sql_value(value: SliceValue) -> str:
    """Return the value as an SQL literal."""
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
    """Parse an instant as Delta's log writes it."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _value_text(value: SliceValue) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)
