"""One day on which methods are judged, with its tables opened once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pyspark.sql import DataFrame

from ritornello.job import Context
from ritornello.methods.definitions import SHELF_COLUMNS, Option
from ritornello.methods.scorers import Given
from ritornello.methods.shelves import Scorer, scored_items, shelves
from ritornello.night.state.pairs import Choice, everyone, history_rows, pair_rows

Wanted = Mapping[str, tuple[Option | None, ...]]


@dataclass
class Day:
    """The inputs of the methods as of one instant, and their shelves."""

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
    scores: list[DataFrame] = field(default_factory=list)

    def add_scores(self, scored: DataFrame, name: str, column: str) -> None:
        """Let a method rank items by one column of ``scored``."""
        self.scores.append(scored_items(scored, name, score=column))
        self.scorers[name] = Given(name)


def open_day(
    context: Context,
    as_of: datetime,
    *,
    of: Choice = everyone,
    candidates: DataFrame | None = None,
    lists: DataFrame | None = None,
) -> Day:
    """Open a day's tables, with shelves that hold no scores yet.

    ``candidates`` and ``lists`` default to the stored ones.
    """
    store = context.store
    pairs = pair_rows(context, as_of, of=of)
    histories = history_rows(context, as_of, of=of)
    shelved = shelves(pairs, histories, columns=SHELF_COLUMNS)
    items = store.read("item_stats", as_of=as_of)
    return Day(context, as_of, of, pairs, items, shelved, candidates, lists)


def count_column(context: Context) -> str:
    """Return the column of `pair_history` that PPS counts by."""
    return f"decayed_{context.settings.compare.count_half_life_days}d"


def label(name: str, option: Option | None) -> str:
    """Name a method with an option, as used in tuning."""
    return name if option is None else f"{name}@{option}"


def column_name(method: str) -> str:
    """Turn a method's name with its option into a column name."""
    return re.sub(r"\W", "_", method)
