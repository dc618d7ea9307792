"""What follows what within a session: sessions end where 30 minutes pass without a play.

A step belongs to the month of its later play, so a month is counted once and never sees the next
one. A month's weights fade together; ⊕ is their sum. Whether two listeners made a step is told by
the first and the last of their ids, which merge as the weights do.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.features.best import best_rows
from ritornello.features.decay import days_between, halved, instant
from ritornello.features.narrow import in_or_out, narrowed, sieved

SESSION_GAP_SECONDS = 1_800
LAGS = (1, 2, 3)
REACH = timedelta(seconds=SESSION_GAP_SECONDS) * len(LAGS)
PARTS_OF_ONE = 6  # 1, 1/2 and 1/3 as whole numbers: sums do not depend on their order
MOST_A_MONTH = 3 * PARTS_OF_ONE
SERVED = 100
STEP = ("item_id", "next_item_id")
_STEPS = "user_id int, month int, item_id int, next_item_id int, sixths bigint"
_PLAYS_AT_ONCE = 200_000


def transition_months(plays: DataFrame, *, since: datetime | None = None) -> DataFrame:
    """One (as_of, item, next item): the steps of the month that ends at ``as_of``.

    ``weight``: a play 1, 2, 3 places later in the session counts 1, 1/2, 1/3, at most 3 by listener
    and month; an item after itself does not count. ``first_user`` and ``last_user``: the smallest
    and the largest id of who made it. Only steps whose later play is not before ``since`` are
    counted; ``plays`` begin ``REACH`` before it, so that their earlier plays are known. Plays of one
    second stand by item id.
    """
    in_order = F.sort_array(
        F.collect_list(F.struct(F.unix_seconds("played_at").alias("at"), "item_id"))
    )
    taken = plays.groupBy("user_id").agg(in_order.alias("_plays"))
    arrays = taken.select("user_id", F.col("_plays.at").alias("at"), "_plays.item_id")
    made = arrays.mapInArrow(_steps, _STEPS)
    if since is not None:
        made = made.where(F.col("month") >= _month_number(since))
    end = F.add_months(F.lit("1970-01-01").cast("date"), F.col("month") + 1).cast("timestamp")
    return (
        made.groupBy("month", *STEP)
        .agg(
            (F.sum("sixths") / F.lit(float(PARTS_OF_ONE))).alias("weight"),
            F.min("user_id").alias("first_user"),
            F.max("user_id").alias("last_user"),
        )
        .select(end.alias("as_of"), *STEP, "weight", "first_user", "last_user")
    )


def transition_sums(months: DataFrame, *, valued_at: datetime, half_life_days: float) -> DataFrame:
    """One (item, next item) of all months: weight, first and last user.

    A month, or any sum valued at its ``as_of``, fades from there to ``valued_at``.
    """
    fading = halved(days_between(F.col("as_of"), instant(valued_at)), half_life_days)
    return months.groupBy(*STEP).agg(
        F.sum(F.col("weight") * fading).alias("weight"),
        F.min("first_user").alias("first_user"),
        F.max("last_user").alias("last_user"),
    )


def transitions(sums: DataFrame) -> DataFrame:
    """The best 100 of each item: (item_id, next_item_id, weight, rank), ranks from 1.

    Steps of one listener alone stay out. Weights are compared as floats, so that the order of sums
    decides nothing; ties go to the smaller next item.
    """
    return _best(_of_two(sums))


def sums_of_tail(
    sums: DataFrame,
    tail: DataFrame,
    *,
    valued_at: datetime,
    as_of: datetime,
    half_life_days: float,
) -> DataFrame:
    """The steps of the ``tail``, which ends at ``as_of``, with what ``sums`` know of them.

    Both are as of ``valued_at``. Only rows of the tail's steps are shuffled, one of each; the tail
    should be kept by the caller, for it is counted.
    """
    tail, sums = (
        rows.withColumn("as_of", instant(end)) for rows, end in ((tail, as_of), (sums, valued_at))
    )
    steps = tail.select(*STEP)
    near, _ = sieved(sums, steps, on=STEP, expected=steps.count())
    parts = near.join(steps, [*STEP], "left_semi").select(*tail.columns).unionByName(tail)
    return transition_sums(parts, valued_at=valued_at, half_life_days=half_life_days)


def transitions_with_tail(
    best: DataFrame,
    now: DataFrame,
    *,
    valued_at: datetime,
    as_of: datetime,
    half_life_days: float,
) -> DataFrame:
    """``transitions`` as of an instant, without ranks: ``best`` of an earlier one and ``now``.

    ``now`` is what ``sums_of_tail`` gives and is read several times: keep it. All that is not in the
    tail fades alike, so a list is cut anew only where steps of the tail make it longer than 100. All
    other rows stay where they are: what is shuffled follows the tail.
    """
    steps = now.select(*STEP)
    again, others = sieved(best, steps, on=STEP, expected=steps.count())
    others = others.unionByName(again.join(steps, [*STEP], "left_anti"))
    served = _of_two(now).select(*STEP, "weight")
    long, short = in_or_out(others, _too_long(best, served), on=["item_id"])
    cut = _best(served.unionByName(long.select(*STEP, "weight")))
    faded = halved(days_between(instant(valued_at), instant(as_of)), half_life_days)
    rows = cut.drop("rank").unionByName(short.select(*STEP, "weight"))
    return rows.withColumn("weight", F.col("weight") * faded)


def _too_long(best: DataFrame, served: DataFrame) -> DataFrame:
    """Items with more than 100 steps, those that are in both counted twice."""
    more = served.groupBy("item_id").agg(F.count("*").alias("_more"))
    had = narrowed(best, more, on=["item_id"]).groupBy("item_id").agg(F.max("rank").alias("_had"))
    return had.join(more, "item_id").where(F.col("_had") + F.col("_more") > SERVED)


def _of_two(sums: DataFrame) -> DataFrame:
    """Steps that at least two listeners made."""
    return sums.where(F.col("first_user") < F.col("last_user"))


def _best(rows: DataFrame) -> DataFrame:
    compared = rows.select(*STEP, "weight", F.col("weight").cast("float").alias("_by"))
    best = best_rows(compared, of="item_id", by="_by", tie="next_item_id", limit=SERVED)
    return best.drop("_by")


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
            found = steps_of(of_plays, items[part], at[part])
            yield pa.RecordBatch.from_arrays(
                [
                    *(pa.array(column.astype(np.int32)) for column in found[:-1]),
                    pa.array(found[-1]),
                ],
                names=["user_id", "month", "item_id", "next_item_id", "sixths"],
            )
            start = stop


Ints = npt.NDArray[np.int64]


def steps_of(users: Ints, items: Ints, at: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Distinct (user, month since 1970, item, next item) with their weight in sixths, capped.

    Plays stand by listener and time, ``at`` in seconds.
    """
    new_session = (np.diff(at) >= SESSION_GAP_SECONDS) | (np.diff(users) != 0)
    session = np.concatenate([[0], np.cumsum(new_session)])
    months = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    found = []
    for lag in LAGS:
        kept = (session[:-lag] == session[lag:]) & (items[:-lag] != items[lag:])
        columns = (users[lag:], months[lag:], items[:-lag], items[lag:])
        sixths = np.full(int(kept.sum()), PARTS_OF_ONE // lag)
        found.append(np.stack([*(column[kept] for column in columns), sixths]))
    steps = np.concatenate(found, axis=1).astype(np.int64)
    steps = steps[:, np.lexsort(steps[:4])]
    is_first = np.ones(steps.shape[1], bool)
    is_first[1:] = (np.diff(steps[:4], axis=1) != 0).any(axis=0)
    first = np.flatnonzero(is_first)
    sixths = np.add.reduceat(steps[4], first) if len(first) else steps[4]
    user, month, item, then = steps[:4, first]
    return user, month, item, then, np.minimum(sixths, MOST_A_MONTH)


def _month_number(moment: datetime) -> int:
    return (moment.year - 1970) * 12 + moment.month - 1
