"""The elements of a page: parts with sentences, pictures and tables."""

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
    """A table whose first column names the row.

    ``groups`` are (name, span) above the columns.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    groups: Sequence[tuple[str, int]] = ()
    words: bool = False  # words are aligned left, numbers right
    folded: bool = False  # shut until a reader opens it

    def cells(self) -> list[list[Cell]]:
        """Return all rows, every cell as a Cell."""
        return [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in self.rows]


@dataclass(frozen=True)
class Entry:
    """One entry of a legend: series number, mark and name.

    Series 0 is muted.
    """

    series: int
    mark: str
    name: str


@dataclass(frozen=True)
class Picture:
    """A drawing with its title, message, legend and numbers."""

    name: str
    title: str
    message: str
    svg: Markup
    legend: Sequence[Entry] = ()
    numbers: Table | None = None


@dataclass(frozen=True)
class Part:
    """One part of the page.

    Without sentences, pictures, tables and facts it was not measured.
    """

    key: str
    title: str
    reading: str
    sentences: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    facts: Sequence[tuple[str, str]] = field(default=())

    @property
    def measured(self) -> bool:
        """Return whether there is anything to show."""
        return bool(self.sentences or self.pictures or self.tables or self.facts)


def legend(names: Sequence[str], others: bool = False) -> list[Entry]:
    """Return one entry for each series, in order.

    With ``others``, a last entry stands for those that have no colour.
    """
    entries = [Entry(n + 1, MARKS[n], name) for n, name in enumerate(names)]
    return [*entries, Entry(0, "\N{EM DASH}", "the others")] if others else entries
