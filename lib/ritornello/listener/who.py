"""Who is asked for: a listener by name or by the source's id, and close names where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from ritornello.errors import UsageError
from ritornello.listener.reader import Reader

COLUMNS = ("user_id", "source_user_id", "user_name")
CLOSE_NAMES = 3
LIKENESS = 60  # of 100, by rapidfuzz's weighted ratio: below it a name is no suggestion


class UnknownListenerError(UsageError):
    """Nobody of that name or id; the message names who is close."""


@dataclass(frozen=True)
class Listener:
    """A listener: the dense id, the source's id, and the name where the source told one."""

    user_id: int
    source_user_id: int | str
    user_name: str | None

    @property
    def title(self) -> str:
        """How people know the listener."""
        return self.user_name or str(self.source_user_id)


def find_listener(tables: Reader, wanted: str) -> Listener:
    """The listener of that exact name, else of that source id, else of that name in any case.

    A name comes first: it is the listener's own, the id often only the number of a row.
    """
    asked = wanted.strip()
    if not asked:
        raise UsageError("name a listener, by name or by id")
    found = tables.read("users", COLUMNS, user_name=asked)
    if found.empty:
        found = _by_source_id(tables, asked)
    if found.empty:
        found = _by_name_in_any_case(tables, asked)
    return listener_of(found.sort_values("user_id").iloc[0].to_dict())


def listener_of(row: Mapping[Any, Any]) -> Listener:
    """A row of `users` as a listener."""
    source, name = row["source_user_id"], row["user_name"]
    return Listener(
        int(row["user_id"]),
        source if isinstance(source, str) else int(source),
        None if pd.isna(name) else str(name),
    )


def _by_source_id(tables: Reader, asked: str) -> pd.DataFrame:
    if tables.is_text("users", "source_user_id"):
        return tables.read("users", COLUMNS, source_user_id=asked)
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 18):
        return pd.DataFrame(columns=list(COLUMNS))
    return tables.read("users", COLUMNS, source_user_id=int(asked))


def _by_name_in_any_case(tables: Reader, asked: str) -> pd.DataFrame:
    """The one listener whose name differs in case only; else an error with the closest names."""
    users = tables.read("users", COLUMNS)
    titles = users["user_name"].fillna(users["source_user_id"].astype("string")).astype(str)
    same = titles.str.casefold() == asked.casefold()
    if same.sum() == 1:
        return users[same]
    close = process.extract(
        asked,
        titles.tolist(),
        scorer=fuzz.WRatio,
        processor=default_process,
        limit=CLOSE_NAMES,
        score_cutoff=LIKENESS,
    )
    told = "; close: " + ", ".join(name for name, _, _ in close) if close else ""
    raise UnknownListenerError(f"no listener {asked!r} among {len(users):,}{told}")
