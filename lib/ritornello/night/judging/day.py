"""One day on which methods are judged, with its tables opened once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pyspark.sql import DataFrame

from ritornello.instants import compact
from ritornello.job import Context
from ritornello.methods.definitions import SHELF_COLUMNS, Option
from ritornello.methods.scorers import Given
from ritornello.methods.shelves import Scorer, scored_items, shelves
from ritornello.night.state.pairs import Choice, everyone, history_rows, pair_rows

Wanted = Mapping[str, tuple[Option | None, ...]]


@dataclass
class Day:
    """What the methods of one as-of instant work with, and what they have put on the shelves."""

    context: Context
    as_of: datetime
    of: Choice
    pairs: DataFrame
    items: DataFrame
    shelved: DataFrame
    candidates: DataFrame | None = None
    lists: DataFrame | None = None
    slope: float = 1.0
    scorers: dict[str, Scorer] = field(default_factory=dict)
    heard: list[DataFrame] = field(default_factory=list)

    def name(self, what: str) -> str:
        """A name for a shipped file, new in this session."""
        return f"{what}-{self.context.run_id}-{compact(self.as_of)}-{len(self.scorers)}"

    def given(self, scored: DataFrame, name: str, column: str) -> None:
        """Let a method rank what ``scored`` says, by one of its columns."""
        self.heard.append(scored_items(scored, name, score=column))
        self.scorers[name] = Given(name)


def open_day(
    context: Context,
    as_of: datetime,
    *,
    of: Choice = everyone,
    candidates: DataFrame | None = None,
    lists: DataFrame | None = None,
) -> Day:
    """A day's tables and bare shelves; ``candidates`` and ``lists`` default to what is stored."""
    store = context.store
    pairs = pair_rows(context, as_of, of=of)
    histories = history_rows(context, as_of, of=of)
    shelved = shelves(pairs, histories, columns=SHELF_COLUMNS)
    items = store.read("item_stats", as_of=as_of)
    return Day(context, as_of, of, pairs, items, shelved, candidates, lists)


def count_column(context: Context) -> str:
    """The column of `pair_history` that PPS counts by."""
    return f"decayed_{context.settings.compare.count_half_life_days}d"


def label(name: str, option: Option | None) -> str:
    """A method with an option, as it is called while it is tuned."""
    return name if option is None else f"{name}@{option}"


def column_name(method: str) -> str:
    """A method with its option as a column can be called."""
    return re.sub(r"\W", "_", method)
