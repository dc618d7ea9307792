"""What a page is made of: parts with sentences, pictures and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from ritornello.report.ink import MARKS

Results = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and whether it is the best of its column."""

    text: str
    best: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose first column names the row; ``groups`` stand over the columns (name, span)."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    groups: Sequence[tuple[str, int]] = ()
    words: bool = False  # columns of words stand at the left, numbers at the right

    def cells(self) -> list[list[Cell]]:
        """All rows, every cell as a Cell."""
        return [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in self.rows]


@dataclass(frozen=True)
class Entry:
    """One entry of a picture's legend: the series number (0 is muted), its mark and its name."""

    series: int
    mark: str
    name: str


@dataclass(frozen=True)
class Picture:
    """A drawing with its title, the message that it carries, its legend and its numbers."""

    name: str
    title: str
    message: str
    svg: Markup
    legend: Sequence[Entry] = ()
    numbers: Table | None = None


@dataclass(frozen=True)
class Part:
    """One part of the page; without pictures, tables and sentences it was not measured."""

    key: str
    title: str
    reading: str
    sentences: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    facts: Sequence[tuple[str, str]] = field(default=())

    @property
    def measured(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.sentences or self.pictures or self.tables or self.facts)


def legend(names: Sequence[str], others: bool = False) -> list[Entry]:
    """An entry for each series in its order, and one for ``others`` that have no colour."""
    entries = [Entry(n + 1, MARKS[n], name) for n, name in enumerate(names)]
    return [*entries, Entry(0, "\N{EM DASH}", "the others")] if others else entries
