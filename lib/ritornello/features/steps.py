"""Steps from one item to the next within a session.

A session ends where 30 minutes pass without a play. A step belongs to the month of its later play,
so a month is counted once and never sees the next one. The smallest and the largest id of a step's
listeners show whether two listeners made it, and both can be merged.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.arrays import Ints64

SESSION_GAP_SECONDS = 1_800
LAGS = (1, 2, 3)
REACH = timedelta(seconds=SESSION_GAP_SECONDS) * len(LAGS)
PARTS_OF_ONE = 6  # 1, 1/2 and 1/3 as whole numbers: sums do not depend on their order
MOST_A_MONTH = 3 * PARTS_OF_ONE
STEP = ("item_id", "next_item_id")
_STEPS = "user_id int, month int, item_id int, next_item_id int, sixths bigint"
_PLAYS_AT_ONCE = 200_000


def listener_steps(plays: DataFrame, *, since: datetime | None = None) -> DataFrame:
    """One row per (listener, month, item, next item), weighted in ``sixths``.

    A play 1, 2 or 3 places later in the session adds 6, 3 or 2 sixths, at most 18 per listener and
    month. An item after itself does not count. ``month`` is that of the later play, counted from
    1970. With ``since``, the start of a month, only steps whose later play is not before it are
    returned. ``plays`` must begin ``REACH`` before it, so that the earlier plays are known. Plays
    in the same second are ordered by item id.
    """
    in_order = F.sort_array(
        F.collect_list(F.struct(F.unix_seconds("played_at").alias("at"), "item_id"))
    )
    by_listener = plays.groupBy("user_id").agg(in_order.alias("_plays"))
    arrays = by_listener.select("user_id", F.col("_plays.at").alias("at"), "_plays.item_id")
    steps = arrays.mapInArrow(_steps, _STEPS)
    return steps if since is None else steps.where(F.col("month") >= _month_number(since))


def transition_months(plays: DataFrame, *, since: datetime | None = None) -> DataFrame:
    """One row per (as_of, item, next item): a month's steps.

    The month ends at ``as_of``. ``weight`` is the sum of all listeners' sixths, divided by six.
    ``first_user`` and ``last_user`` are the smallest and the largest id of those who made the step.
    ``plays`` and ``since`` are as in ``listener_steps``.
    """
    end = F.add_months(F.lit("1970-01-01").cast("date"), F.col("month") + 1).cast("timestamp")
    return (
        listener_steps(plays, since=since)
        .groupBy("month", *STEP)
        .agg(
            (F.sum("sixths") / F.lit(float(PARTS_OF_ONE))).alias("weight"),
            F.min("user_id").alias("first_user"),
            F.max("user_id").alias("last_user"),
        )
        .select(end.alias("as_of"), *STEP, "weight", "first_user", "last_user")
    )


def _steps(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        users = batch.column("user_id").to_numpy()
        ends = batch.column("at").offsets.to_numpy()
        at, items = (batch.column(name).flatten().to_numpy() for name in ("at", "item_id"))
        ends = ends - ends[0]
        start = 0
        while start < len(users):
            stop = int(np.searchsorted(ends, ends[start] + _PLAYS_AT_ONCE, side="right")) - 1
            stop = max(stop, start + 1)
            of_plays = np.repeat(users[start:stop], np.diff(ends[start : stop + 1]))
            part = slice(ends[start], ends[stop])
            steps = steps_of(of_plays, items[part], at[part])
            yield pa.RecordBatch.from_arrays(
                [
                    *(pa.array(column.astype(np.int32)) for column in steps[:-1]),
                    pa.array(steps[-1]),
                ],
                names=["user_id", "month", "item_id", "next_item_id", "sixths"],
            )
            start = stop


def steps_of(
    users: Ints64, items: Ints64, at: Ints64
) -> tuple[Ints64, Ints64, Ints64, Ints64, Ints64]:
    """Return distinct (user, month, item, next item) with capped weights in sixths.

    Months count from 1970. Plays are sorted by listener and time. ``at`` is in seconds.
    """
    new_session = (np.diff(at) >= SESSION_GAP_SECONDS) | (np.diff(users) != 0)
    session = np.concatenate([[0], np.cumsum(new_session)])
    months = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    by_lag = []
    for lag in LAGS:
        kept = (session[:-lag] == session[lag:]) & (items[:-lag] != items[lag:])
        columns = (users[lag:], months[lag:], items[:-lag], items[lag:])
        sixths = np.full(int(kept.sum()), PARTS_OF_ONE // lag)
        by_lag.append(np.stack([*(column[kept] for column in columns), sixths]))
    steps = np.concatenate(by_lag, axis=1).astype(np.int64)
    steps = steps[:, np.lexsort(steps[:4])]
    is_first = np.ones(steps.shape[1], bool)
    is_first[1:] = (np.diff(steps[:4], axis=1) != 0).any(axis=0)
    first = np.flatnonzero(is_first)
    sixths = np.add.reduceat(steps[4], first) if len(first) else steps[4]
    user, month, item, then = steps[:4, first]
    return user, month, item, then, np.minimum(sixths, MOST_A_MONTH)


def _month_number(moment: datetime) -> int:
    return (moment.year - 1970) * 12 + moment.month - 1
