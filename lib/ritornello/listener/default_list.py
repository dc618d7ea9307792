"""The list for a listener who has not played anything yet."""

from datetime import datetime
from typing import Any

import pandas as pd

from ritornello.listener.allowed import allowed
from ritornello.listener.lists import placed
from ritornello.listener.night import Night
from ritornello.listener.reader import Reader

BY = "decayed_30d"  # as the candidates from popular items
SPARE = 3  # items read for each place, because some may not be served


def default_list(
    tables: Reader, night: Night, *, source_user_id: str, top: int, at: datetime
) -> pd.DataFrame:
    """One row per place of what everybody plays, as of the night.

    The columns are those of ``listed``, and what may not be served at the instant ``at`` is left out.
    The score is the number of decayed plays, ties go to the
    smaller id, and the source is ``default``.
    """
    kind = tables.item_kind
    items = tables.read("item_stats", ("item_id", BY), as_of=night.as_of)
    best = items.sort_values([BY, "item_id"], ascending=[False, True]).head(SPARE * top)
    rows = best.rename(columns={"item_id": f"{kind}_id", BY: "score"})
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    rows = rows.assign(source="default", last_played_at=never)
    left = allowed(tables, rows, source_user_id, at=at).head(top)
    key = f"source_{kind}_id"
    where: dict[str, Any] = {f"{kind}_id": [int(one) for one in left[f"{kind}_id"]]}
    keys = tables.read(f"{kind}s", (f"{kind}_id", key), **where)
    return placed(tables, left.merge(keys, on=f"{kind}_id", how="left"))
