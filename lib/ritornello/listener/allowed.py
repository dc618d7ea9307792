"""Leave out of a list what may not be served.

The rule is that of night/state/eligible.py, for a few rows and without Spark. Dislikes are not looked
at again: a night knows those before it.
"""

from datetime import datetime

import pandas as pd

from ritornello.listener.reader import Reader

FACTS = ("source_track_id", "artist_id", "explicit", "available_from", "available_until")


def allowed(
    tables: Reader, rows: pd.DataFrame, source_user_id: str, *, at: datetime
) -> pd.DataFrame:
    """Keep the rows whose item may be served to a listener at an instant.

    ``rows`` has the item's id, track_id or artist_id by the kind of the tables. If a version stands for
    its song, the song's ``recording_id`` must be allowed too.
    """
    kind = tables.item_kind
    if rows.empty:
        return rows
    bars = _bars(tables, source_user_id)
    ids = [name for name in (f"{kind}_id", "recording_id") if name in rows.columns]
    items = pd.concat([rows[name] for name in ids]).dropna()
    facts = _artists_as_items(rows) if kind == "artist" else _facts(tables, items, at)
    if facts.empty:
        return rows
    keys = _keys_of_artists(tables, facts["artist_id"]) if len(bars) else {}
    barred = {(one.what, one.source_id) for one in bars.itertuples()}
    forbidden = (
        facts["source_track_id"].map(lambda key: ("track", key) in barred)
        | facts["artist_id"].map(lambda one: ("artist", keys.get(one)) in barred)
        | (facts["explicit"] & (("explicit", "") in barred))
        | ~facts["available"]
    )
    gone = set(facts.loc[forbidden.astype(bool), f"{kind}_id"])
    return rows[~rows[ids].isin(gone).any(axis=1)]


def _bars(tables: Reader, source_user_id: str) -> pd.DataFrame:
    if not tables.has("bars"):
        return pd.DataFrame({"what": [], "source_id": []})
    return tables.read("bars", ("what", "source_id"), source_user_id=["", source_user_id])


def _facts(tables: Reader, items: "pd.Series[int]", at: datetime) -> pd.DataFrame:
    ids = [int(one) for one in items.unique()]
    facts = tables.read("tracks", ("track_id", *FACTS), track_id=ids)
    now = pd.Timestamp(at)
    begun = facts["available_from"].isna() | (facts["available_from"] <= now)
    facts["available"] = begun & (
        facts["available_until"].isna() | (facts["available_until"] > now)
    )
    in_catalogue = _explicit_in_catalogue(tables, ids)
    pairs = zip(facts["track_id"], facts["explicit"], strict=True)
    facts["explicit"] = [
        in_catalogue.get(track, False) if pd.isna(said) else said for track, said in pairs
    ]
    return facts


def _explicit_in_catalogue(tables: Reader, ids: list[int]) -> dict[int, bool]:
    """Map tracks to what the newest external catalogue says of their words."""
    nights = tables.instants("track_audio") if tables.has("track_audio") else []
    if not nights:
        return {}
    rows = tables.read("track_audio", ("track_id", "explicit"), as_of=nights[-1], track_id=ids)
    known = rows[rows["explicit"].notna()]
    return dict(zip(known["track_id"], known["explicit"] > 0, strict=True))


def _artists_as_items(rows: pd.DataFrame) -> pd.DataFrame:
    facts = rows[["artist_id"]].drop_duplicates()
    return facts.assign(source_track_id=None, explicit=False, available=True)


def _keys_of_artists(tables: Reader, artists: "pd.Series[int]") -> dict[int, str]:
    ids = [int(one) for one in artists.dropna().unique()]
    rows = tables.read("artists", ("artist_id", "source_artist_id"), artist_id=ids)
    return dict(zip(rows["artist_id"], rows["source_artist_id"], strict=True))
