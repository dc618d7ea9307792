"""The list for a listener who has not played anything yet."""

from datetime import datetime
from typing import Any

import pandas as pd

from ritornello.listener.allowed import allowed
from ritornello.listener.lists import placed
from ritornello.listener.night import Night
from ritornello.listener.reader import Reader
from ritornello.listener.who import Listener
from ritornello.tables.contracts import DISLIKE

BY = "decayed_30d"  # as the candidates from popular items
SPARE = 3  # items read for each place, because some may not be served


def default_list(
    tables: Reader, night: Night, *, listener: Listener, top: int, at: datetime
) -> pd.DataFrame:
    """One row per place of what everybody plays, as of the night.

    The columns are those of ``listed``. What may not be served at the instant ``at``, and what the
    listener dislikes, is left out. The score is the number of decayed plays, ties go to the
    smaller id, and the source is ``default``.
    """
    kind = tables.item_kind
    items = tables.read("item_stats", ("item_id", BY), as_of=night.as_of)
    if kind == "track":
        items = items[~items["item_id"].isin(disliked_songs(tables, listener))]
    best = items.sort_values([BY, "item_id"], ascending=[False, True]).head(SPARE * top)
    rows = best.rename(columns={"item_id": f"{kind}_id", BY: "score"})
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    rows = rows.assign(source="default", last_played_at=never)
    left = allowed(tables, rows, listener.source_user_id, at=at).head(top)
    key = f"source_{kind}_id"
    where: dict[str, Any] = {f"{kind}_id": [int(one) for one in left[f"{kind}_id"]]}
    keys = tables.read(f"{kind}s", (f"{kind}_id", key), **where)
    return placed(tables, left.merge(keys, on=f"{kind}_id", how="left"))


def disliked_songs(tables: Reader, listener: Listener) -> set[int]:
    """Return the recordings that a listener dislikes.

    A later like or play takes a dislike back, as in features/disliked.py. A listener of whom nothing
    is stored dislikes nothing.
    """
    if listener.user_id < 0 or not tables.has("plays"):
        return set()
    columns = ("track_id", "played_at", "weight")
    events = tables.read("plays", columns, user_id=listener.user_id)
    if tables.has("recordings") and len(events):
        ids = [int(one) for one in events["track_id"].unique()]
        songs = tables.read("recordings", ("track_id", "recording_id"), track_id=ids)
        song_of = dict(zip(songs["track_id"], songs["recording_id"], strict=True))
        events["track_id"] = [song_of.get(one, one) for one in events["track_id"]]
    disliked, liked = (
        events[of].groupby("track_id")["played_at"].max()
        for of in (events["weight"] <= DISLIKE, events["weight"] > 0)
    )
    taken_back = liked.reindex(disliked.index) > disliked
    return {int(song) for song in disliked.index[~taken_back]}
