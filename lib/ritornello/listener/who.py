"""Find a listener by name or by the source's key.

If there is none, the error suggests close names.
"""

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
LIKENESS = 60  # of 100, by rapidfuzz's weighted ratio: a name below it is not suggested


class UnknownListenerError(UsageError):
    """No listener has this name or id.

    The message suggests close names.
    """


@dataclass(frozen=True)
class Listener:
    """A listener: the dense id, the source's key, and the name if known."""

    user_id: int
    source_user_id: str
    user_name: str | None

    @property
    def title(self) -> str:
        """Return the name people know the listener by, else the source's key."""
        return self.user_name or self.source_user_id


def find_listener(tables: Reader, name_or_id: str) -> Listener:
    """Return the listener with this name or source key.

    An exact name comes first, then a key, then a name in any case. A name precedes a key because it
    is the listener's own; the key is often only the number of a row.
    """
    query = name_or_id.strip()
    if not query:
        raise UsageError("name a listener, by name or by id")
    rows = tables.read("users", COLUMNS, user_name=query)
    if rows.empty:
        rows = tables.read("users", COLUMNS, source_user_id=query)
    if rows.empty:
        rows = _by_name_in_any_case(tables, query)
    return listener_of(rows.sort_values("user_id").iloc[0].to_dict())


def listeners_like(tables: Reader, search: str | None, top: int) -> tuple[list[Listener], int]:
    """Return at most ``top`` listeners, and the number of all.

    Names and keys that hold the search in any case come first, then similar ones.
    """
    users = tables.read("users", COLUMNS).sort_values("user_id")
    if search is not None and search.strip():
        titles = _titles(users)
        query = search.strip().casefold()
        holds = titles.str.casefold().str.contains(query, regex=False)
        holds |= users["source_user_id"].astype(str).str.casefold().str.contains(query, regex=False)
        chosen = list(users.index[holds][:top])
        close = _close(search, titles[~holds], limit=max(top - len(chosen), 0))
        rows = users.loc[[*chosen, *close]]
    else:
        rows = users[:top]
    return [listener_of(row) for row in rows.to_dict("records")], len(users)


def listener_of(row: Mapping[Any, Any]) -> Listener:
    """Convert a row of `users` to a listener."""
    name = row["user_name"]
    return Listener(
        int(row["user_id"]), str(row["source_user_id"]), None if pd.isna(name) else str(name)
    )


def _by_name_in_any_case(tables: Reader, query: str) -> pd.DataFrame:
    """Return the only listener whose name differs just in case.

    If there is none, or more than one, raise an error with the closest names.
    """
    users = tables.read("users", COLUMNS)
    titles = _titles(users)
    same = titles.str.casefold() == query.casefold()
    if same.sum() == 1:
        return users[same]
    close = titles.loc[_close(query, titles, limit=CLOSE_NAMES)]
    hint = "; closest matches: " + ", ".join(close) if len(close) else ""
    raise UnknownListenerError(f"no listener {query!r} among {len(users):,}{hint}")


def _titles(users: pd.DataFrame) -> "pd.Series[str]":
    """Return the name people know each listener by, else the source's key."""
    return users["user_name"].fillna(users["source_user_id"]).astype(str)


def _close(query: str, titles: "pd.Series[str]", *, limit: int) -> list[Any]:
    """Return the index of the most similar titles, best first."""
    matches = process.extract(
        query,
        titles.to_dict(),
        scorer=fuzz.WRatio,
        processor=default_process,
        limit=limit,
        score_cutoff=LIKENESS,
    )
    return [index for _, _, index in matches]
