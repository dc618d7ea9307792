"""Count what a listener played before past days.

Each listener's plays are passed once. This serves warehouses of few listeners. With many, samples hold
the same counts.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Floats64, Ints32, Ints64
from ritornello.instants import DAY_SECONDS, micros
from ritornello.ranking.days import Days
from ritornello.tables.contracts import HALF_LIVES_DAYS, LAST_PLAYS

# every count that can rank; the first one serves where there is no past day to choose on
COUNTS = (
    "log_decayed_30d",
    *(f"log_decayed_{days}d" for days in HALF_LIVES_DAYS if days != 30),
    *(f"plays_in_last_{n}" for n in LAST_PLAYS),
    "log_plays",
)
MICROS_PER_DAY = DAY_SECONDS * 1_000_000
COUNTED = ", ".join(
    ["group_id long", "item_id int", "label int", *(f"{name} double" for name in COUNTS)]
)


def counts_in_plays(plays: DataFrame, days: Days) -> DataFrame:
    """One row per listener, past day and item played before it.

    ``plays`` has user_id, item_id and played_at. The result has group_id (one per listener and day),
    item_id, label (1: played within the horizon) and a column per count, zero or more. A count stands
    for its logarithm, which sorts alike. Days without a positive label have no rows.
    """
    starts = [micros(day) for day in days.all]
    length = micros(days.all[0] + days.horizon) - starts[0]

    def count(plays: pd.DataFrame) -> pd.DataFrame:
        user = int(plays["user_id"].iloc[0])
        items = plays["item_id"].to_numpy(np.int32)
        times = plays["_micros"].to_numpy(np.int64)
        return pd.concat(_rows_of_days(user, items, times, starts, length))

    timed = plays.select("user_id", "item_id", F.unix_micros("played_at").alias("_micros"))
    return timed.groupBy("user_id").applyInPandas(count, COUNTED)


def _rows_of_days(
    user: int, items: Ints32, times: Ints64, starts: list[int], length: int
) -> Iterator[pd.DataFrame]:
    for start in starts:
        is_past, is_later = times < start, (times >= start) & (times < start + length)
        played, counts = counts_before(items[is_past], times[is_past], at=start)
        label = np.isin(played, items[is_later]).astype(np.int32)
        group = (user << 32) | (start // 1_000_000)
        rows = pd.DataFrame({"group_id": group, "item_id": played, "label": label, **counts})
        yield rows if label.any() else rows[:0]


def counts_before(items: Ints32, times: Ints64, *, at: int) -> tuple[Ints32, dict[str, Floats64]]:
    """Count plays before an instant by item, with every count of COUNTS.

    ``times`` and ``at`` are in microseconds. Returns the items in ascending order, and for each count
    an aligned array. Of plays at the same instant the larger item id is the newer one, as in
    ``histories``.
    """
    played, place = np.unique(items, return_inverse=True)
    age_days = (at - times) / MICROS_PER_DAY

    def total(of: Floats64 | None = None, where: Ints64 | slice = slice(None)) -> Floats64:
        return np.bincount(place[where], of, minlength=len(played)).astype(np.float64)

    newest_first = np.lexsort((-items, -times))
    counts = {f"log_decayed_{days}d": total(2.0 ** (-age_days / days)) for days in HALF_LIVES_DAYS}
    counts |= {f"plays_in_last_{n}": total(where=newest_first[:n]) for n in LAST_PLAYS}
    counts["log_plays"] = total()
    return played.astype(np.int32), {name: counts[name] for name in COUNTS}
