"""What follows what within a session: sessions end where 30 minutes pass without a play.

A step belongs to the month of its later play, so a month is counted once and never sees the next
one. A month's weights fade together; ⊕ is their sum. Whether two listeners made a step is told by
the first and the last of their ids, which merge as the weights do.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.features.best import best_rows
from ritornello.features.decay import days_between, halved, instant
from ritornello.features.narrow import Sieve, in_or_out, with_largest

SESSION_GAP_SECONDS = 1_800
LAGS = (1, 2, 3)
REACH = timedelta(seconds=SESSION_GAP_SECONDS) * len(LAGS)
PARTS_OF_ONE = 6  # 1, 1/2 and 1/3 as whole numbers: sums do not depend on their order
MOST_A_MONTH = 3 * PARTS_OF_ONE
SERVED = 100
STEP = ("item_id", "next_item_id")
_STEPS = "user_id int, month int, item_id int, next_item_id int, sixths bigint"
_PLAYS_AT_ONCE = 200_000


def listener_steps(plays: DataFrame, *, since: datetime | None = None) -> DataFrame:
    """One (listener, month, item, next item): ``sixths``, the sixths that the listener adds.

    A play 1, 2, 3 places later in the session counts 6, 3, 2, at most 18 by listener and month; an
    item after itself does not count. ``month`` is that of the later play, since 1970. Only steps whose
    later play is not before ``since``, a month's start, are told; ``plays`` begin ``REACH`` before it,
    so that their earlier plays are known. Plays of one second stand by item id.
    """
    in_order = F.sort_array(
        F.collect_list(F.struct(F.unix_seconds("played_at").alias("at"), "item_id"))
    )
    taken = plays.groupBy("user_id").agg(in_order.alias("_plays"))
    arrays = taken.select("user_id", F.col("_plays.at").alias("at"), "_plays.item_id")
    made = arrays.mapInArrow(_steps, _STEPS)
    return made if since is None else made.where(F.col("month") >= _month_number(since))


def transition_months(plays: DataFrame, *, since: datetime | None = None) -> DataFrame:
    """One (as_of, item, next item): the steps of the month that ends at ``as_of``.

    ``weight``: the sixths of all listeners, by six. ``first_user`` and ``last_user``: the smallest and
    the largest id of who made the step. ``plays`` and ``since`` are as ``listener_steps`` has them.
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


def transitions_with_tail(
    best: DataFrame,
    sums: DataFrame,
    tail: DataFrame,
    *,
    valued_at: datetime,
    as_of: datetime,
    half_life_days: float,
) -> DataFrame:
    """``transitions`` as of an instant, without ranks: those of a month's start and what came since.

    ``best`` and ``sums`` are as of ``valued_at``, a month's start; ``tail`` are the ``listener_steps``
    of the month up to ``as_of`` and is read several times: keep it. All that is not in the tail fades
    alike, so a list is cut anew only where steps of the tail that were not in it may enter and make it
    longer than 100. All other rows stay where they are: what is shuffled follows the tail.
    """
    faded = halved(days_between(instant(valued_at), instant(as_of)), half_life_days)
    sieve = Sieve.of(tail, on=STEP, expected=tail.count())
    (known, _), (listed, untouched) = (sieve.parts(rows) for rows in (sums, best))
    now = _summed(known, listed, tail, one=F.lit(1.0) / faded).localCheckpoint()

    entering = _entering(best, _of_two(now.where(F.col("rank").isNull()))).localCheckpoint()
    count = F.count("*") + F.first("_had")
    longer = entering.groupBy("item_id").agg(count.alias("_count")).where(F.col("_count") > SERVED)
    lists = (rows.select(*STEP, "weight") for rows in (untouched, now.where("rank > 0"), entering))
    long, short = in_or_out(reduce(DataFrame.unionByName, lists), longer, on=["item_id"])
    rows = _best(long).drop("rank").unionByName(short)
    return rows.withColumn("weight", F.col("weight") * faded)


def _summed(known: DataFrame, listed: DataFrame, tail: DataFrame, *, one: Column) -> DataFrame:
    """One step of the tail or of a list: its weight with the tail, users, and rank in the list.

    ``known`` are rows of the sums, of all steps of the tail and of the list, and perhaps of others:
    these are left out. ``one``: what a play of the tail counts in the sums' units.
    """
    users = {"first_user": F.col("user_id"), "last_user": F.col("user_id")}
    parts = (
        known.select(*STEP, "weight", "first_user", "last_user")
        .unionByName(listed.select(*STEP, "rank"), allowMissingColumns=True)
        .unionByName(tail.withColumns(users).drop("user_id", "month"), allowMissingColumns=True)
    )
    summed = parts.groupBy(*STEP).agg(
        F.sum("weight").alias("_before"),
        F.sum("sixths").alias("_sixths"),
        F.min("first_user").alias("first_user"),
        F.max("last_user").alias("last_user"),
        F.max("rank").alias("rank"),
    )
    made = F.col("_sixths") / F.lit(float(PARTS_OF_ONE)) * one
    weight = F.coalesce(F.col("_before") + made, F.col("_before"), made)
    return (
        summed.where(F.col("_sixths").isNotNull() | F.col("rank").isNotNull())
        .withColumn("weight", weight)
        .drop("_before", "_sixths")
    )


def _entering(best: DataFrame, steps: DataFrame) -> DataFrame:
    """The steps that may enter their item's list: (item, next item, weight, _had).

    What weighs less than the last of a full list cannot. ``_had``: how long the list is, 0 where it
    cannot grow too long however many of the steps enter.
    """
    more = steps.groupBy("item_id").agg(F.count("*").alias("_more"))
    near = with_largest(best, more, on=["item_id"], value="_more")
    ends = (
        near.where(F.col("rank") + F.col("_more") > SERVED)
        .groupBy("item_id")
        .agg(F.max("rank").alias("_had"), F.min("weight").alias("_least"))
    )
    is_full = F.coalesce(F.col("_had") >= SERVED, F.lit(False))
    too_small = F.col("weight").cast("float") < F.col("_least").cast("float")
    return (
        steps.join(ends, "item_id", "left")
        .where(~(is_full & too_small))
        .select(*STEP, "weight", F.coalesce("_had", F.lit(0)).alias("_had"))
    )


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
