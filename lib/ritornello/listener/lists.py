"""One listener's list of a night, with the names people know."""

from datetime import datetime

import pandas as pd

from ritornello.listener.allowed import allowed
from ritornello.listener.night import Night
from ritornello.listener.reader import Reader
from ritornello.listener.who import Listener

DETAILS = ("score", "source", "last_played_at")


def listed(
    tables: Reader,
    listener: Listener,
    night: Night,
    *,
    list_: str,
    top: int,
    at: datetime | None = None,
) -> pd.DataFrame:
    """One row per place of the listener's list, best first.

    The columns are the rank, the item's source id and names, score, source and newest play. The
    night decides what a list may hold: ``new`` has nothing the listener ever played before it. What
    may not be served at the instant ``at``, by default the night's, is left out, and places below
    move up. A name the catalogue does not know is null.
    """
    kind = tables.item_kind
    rows = tables.read(
        "recommendations",
        ("rank", f"{kind}_id", f"source_{kind}_id", *DETAILS),
        version=night.version,
        as_of=night.as_of,
        user_id=listener.user_id,
        list=list_,
    )
    ranked = rows.sort_values("rank")
    left = allowed(tables, ranked, listener.source_user_id, at=at or night.as_of)
    return placed(tables, left.head(top))


def placed(tables: Reader, rows: pd.DataFrame) -> pd.DataFrame:
    """Number the rows from 1, and add the names of their items."""
    kind = tables.item_kind
    best = rows.reset_index(drop=True).assign(rank=range(1, len(rows) + 1))
    named = best.merge(names_of(tables, best[f"{kind}_id"]), on=f"{kind}_id", how="left")
    names = ("track_name", "artist_name") if kind == "track" else ("artist_name",)
    return named[["rank", f"source_{kind}_id", *names, *DETAILS]]


def names_of(tables: Reader, items: "pd.Series[int]") -> pd.DataFrame:
    """One row per item with its names.

    For tracks these are the track's and the artist's name, for artists the artist's alone.
    """
    if tables.item_kind == "artist":
        return _artists(tables, items)
    ids = _whole(items)
    tracks = tables.read("tracks", ("track_id", "track_name", "artist_id"), track_id=ids)
    return tracks.merge(_artists(tables, tracks["artist_id"]), on="artist_id", how="left")


def _artists(tables: Reader, ids: "pd.Series[int]") -> pd.DataFrame:
    return tables.read("artists", ("artist_id", "artist_name"), artist_id=_whole(ids))


def _whole(ids: "pd.Series[int]") -> list[int]:
    return [int(one) for one in ids.dropna().unique()]
