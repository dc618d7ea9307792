"""The case of one listener: a night's candidates and the plays before it."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shlex import quote

import pandas as pd

from ritornello.errors import RitornelloError, UsageError
from ritornello.instants import iso
from ritornello.listener.allowed import allowed
from ritornello.listener.night import served_night
from ritornello.listener.reader import Reader
from ritornello.listener.who import Listener, find_listener
from ritornello.tables.contracts import contracts

KINDS = ("track", "artist")
OFFERED_NAMES = 200  # the box suggests names; it need not list everybody


@dataclass(frozen=True)
class Case:
    """One listener as of a night.

    ``candidates`` has rows of `cand_tracks`; ``plays`` has (track_id, played_at) of every play
    before the night.
    """

    listener: Listener
    kind: str
    as_of: datetime
    candidates: pd.DataFrame
    plays: pd.DataFrame

    @property
    def sounds_known(self) -> int:
        """Count the candidates whose tempo and valence are both known."""
        return int(self.candidates[["tempo", "valence"]].notna().all(axis=1).sum())


class Desk:
    """A cache of cases read from a warehouse.

    It keeps the last ones, so that a new wish reads nothing.
    """

    def __init__(self, warehouse: str) -> None:
        self._tables = {kind: Reader(warehouse, kind) for kind in KINDS}
        self._kept: dict[tuple[int, str], Case] = {}

    @property
    def warehouse(self) -> str:
        """Return the folder, as an absolute path, or the URI."""
        return self._tables["track"].warehouse

    def check(self) -> None:
        """Raise an error that says what to run if no playlist can be made."""
        place = self.warehouse
        if "://" not in place and not Path(place).is_dir():
            raise UsageError(
                f"there is no warehouse at {place}: make one with `ritornello refresh`, or name another"
            )
        wrong: list[RitornelloError] = []
        for tables in sorted(self._tables.values(), key=lambda one: not one.has("recommendations")):
            try:
                _night(tables)
            except RitornelloError as error:
                wrong.append(error)
            else:
                return
        raise wrong[0]

    @property
    def kinds(self) -> list[str]:
        """Return the item kinds that playlists were made of."""
        return [kind for kind in KINDS if self._tables[kind].has("cand_tracks")]

    def names(self) -> list[str]:
        """Return some listeners to choose from.

        These are the first by id, in the order of their names.
        """
        if not self._tables["track"].has("users"):
            return []
        users = self._tables["track"].read(
            "users", ("user_id", "source_user_id", "user_name"), limit=OFFERED_NAMES
        )
        titles = users["user_name"].fillna(users["source_user_id"])
        return sorted(titles.astype(str))

    def case(self, name_or_id: str, kind: str) -> Case:
        """Return the case of a listener, by name or id.

        What is barred by now is not among its candidates. Raises ``UsageError`` if the listener or the case's
        data is missing; the message says which.
        """
        tables = self._tables[kind]
        listener = find_listener(tables, name_or_id)
        key = (listener.user_id, kind)
        if key not in self._kept:
            if len(self._kept) >= 20:
                self._kept.clear()
            self._kept[key] = _read(tables, listener)
        case, bars = self._kept[key], Reader(tables.warehouse)
        rows = allowed(bars, case.candidates, listener.source_user_id, at=case.as_of)
        return replace(case, candidates=rows)


def _read(tables: Reader, listener: Listener) -> Case:
    as_of = _night(tables)
    columns = [
        column.name
        for column in contracts(tables.item_kind)["cand_tracks"].columns
        if column.name != "recommendation_score"
    ]
    rows = tables.read("cand_tracks", columns, as_of=as_of, user_id=listener.user_id)
    if rows.empty:
        raise UsageError(
            f"nothing to recommend to {listener.title} as of {iso(as_of)}: "
            "no lists were made, perhaps because nothing was played before"
        )
    plays = tables.read("plays", ("track_id", "played_at", "weight"), user_id=listener.user_id)
    heard = plays[(plays["weight"] > 0) & (plays["played_at"] < as_of)]
    return Case(listener, tables.item_kind, as_of, rows, heard[["track_id", "played_at"]])


def _night(tables: Reader) -> datetime:
    """Return the night that is served.

    If it has no playlists, return the newest night before it that has.
    """
    of_kind = f"{tables.item_kind}s"
    if not tables.has("recommendations"):
        raise UsageError(
            f"no recommendations of {of_kind} are in {tables.warehouse} yet: "
            "run `ritornello refresh` on this warehouse"
        )
    served = served_night(tables).as_of
    written = tables.instants("cand_tracks") if tables.has("cand_tracks") else []
    nights = [one for one in written if one <= served]
    if not nights:
        missing = f"no playlists of {of_kind} as of {iso(served)} are in {tables.warehouse} yet"
        raise UsageError(f"{missing}: run `{_remedy(tables, served)}`")
    return nights[-1]


def _remedy(tables: Reader, night: datetime) -> str:
    kind = "" if tables.item_kind == "track" else f" --kind {tables.item_kind}"
    where = quote(tables.warehouse)
    return f"ritornello make-playlists --as-of {iso(night)}{kind} --warehouse {where}"
