"""The best steps as of an instant: a month's lists and sums, and the steps made since.

What is shuffled follows the steps since and the rows of theirs, however long the history is and
however many lists there are. All that was not made since fades alike and keeps its order.
"""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import days_between, halved
from ritornello.features.narrow import Sieve, narrowed, with_slot_value
from ritornello.features.steps import PARTS_OF_ONE, STEP
from ritornello.features.transitions import SERVED, best_steps

ITEM = ["item_id"]


@dataclass(frozen=True)
class Months:
    """All months before ``valued_at``, the first of one: the lists, and the sums of all other steps.

    ``best`` is as ``transitions`` gives it; ``others`` are the rows of ``transition_sums`` that do
    not stand in it.
    """

    best: DataFrame
    others: DataFrame
    valued_at: datetime


def transitions_forward(
    months: Months, tail: DataFrame, *, as_of: datetime, half_life_days: float
) -> DataFrame:
    """``transitions`` as of an instant, without ranks: (item_id, next_item_id, weight).

    ``tail`` are the ``listener_steps`` of the unfinished month and is read several times: keep it.
    """
    faded = halved(days_between(instant(months.valued_at), instant(as_of)), half_life_days)
    sieve = Sieve.of(tail, on=STEP, expected=tail.count())
    met, untouched = sieve.parts(months.best.select(*STEP, "weight", "rank"))
    made = _made(tail, met, one=F.lit(1.0) / faded).localCheckpoint()
    listed, unlisted = made.where("rank > 0"), made.where("rank IS NULL")

    full = months.best.where(F.col("rank") == SERVED).select("item_id", "weight")
    known = _within_reach(sieve.parts(months.others)[0], unlisted, full)
    risen = _risen(unlisted, known).localCheckpoint()
    entering = _entering(risen, months.best).localCheckpoint()
    lists = untouched.unionByName(listed.select(*STEP, "weight", "rank"))
    return _cut(lists, entering, listed).withColumn("weight", F.col("weight") * faded)


def _made(tail: DataFrame, met: DataFrame, *, one: Column) -> DataFrame:
    """One step of the tail, or of a list: weight, who made it since, and its rank in the list.

    ``one`` is what a play of the tail counts in the units of the month's start. The weight is that
    of the list and the tail; of a step that stands in no list, that of the tail alone. Rows stay
    parted by step, so that what is joined to them travels and they do not.
    """
    parts = met.unionByName(tail.select("user_id", *STEP, "sixths"), allowMissingColumns=True)
    apart = int(str(tail.sparkSession.conf.get("spark.sql.shuffle.partitions")))
    since = F.sum("sixths") / F.lit(float(PARTS_OF_ONE)) * one
    return (
        parts.repartition(apart, *STEP)
        .groupBy(*STEP)
        .agg(
            F.max("weight").alias("_listed"),
            since.alias("_since"),
            F.min("user_id").alias("first_user"),
            F.max("user_id").alias("last_user"),
            F.max("rank").alias("rank"),
        )
        .withColumn("weight", F.coalesce(F.col("_listed") + F.col("_since"), "_listed", "_since"))
        .drop("_listed", "_since")
    )


def _within_reach(others: DataFrame, unlisted: DataFrame, full: DataFrame) -> DataFrame:
    """The rows of ``others`` that ``unlisted`` steps of their item may lift into a list.

    (item, next item, weight, user_id): the one listener who made the step, null if two did.
    A step of two listeners that stands in no list lies below the last of a full one: it stays there
    if even the most that any unlisted step of the item gained does not lift it. Others may all rise.
    """
    most, least = F.max("weight").alias("_most"), F.min("weight").alias("_least")
    bounds = others.transform(with_slot_value, unlisted, on=ITEM, value=most).transform(
        with_slot_value, full, on=ITEM, value=least
    )
    lifted = (F.col("weight") + F.col("_most")).cast("float")
    is_below = F.coalesce(lifted < F.col("_least").cast("float"), F.lit(False))
    is_of_one = F.col("first_user") == F.col("last_user")
    user = F.when(is_of_one, F.col("first_user")).alias("user_id")
    return bounds.where(is_of_one | ~is_below).select(*STEP, "weight", user)


def _risen(unlisted: DataFrame, known: DataFrame) -> DataFrame:
    """The unlisted steps that two listeners made by now: (item, next item, weight)."""
    before = known.withColumnRenamed("weight", "_before")
    now = unlisted.join(before, [*STEP], "left")
    were_two = F.col("_before").isNotNull() & F.col("user_id").isNull()
    first, last = F.least("first_user", "user_id"), F.greatest("last_user", "user_id")
    weight = F.coalesce("_before", F.lit(0.0)) + F.col("weight")
    return now.where(were_two | (first < last)).select(*STEP, weight.alias("weight"))


def _entering(risen: DataFrame, best: DataFrame) -> DataFrame:
    """The steps that may enter their item's list: (item, next item, weight, _had, _excess).

    What weighs less than the last of a full list cannot. ``_had``: how long the list is; ``_excess``:
    how many steps it has too many with all that enter. Both are null where these are sure to fit in.
    """
    more = F.count("*").alias("_more")
    ends = (
        with_slot_value(best, risen, on=ITEM, value=more)
        .where(F.col("rank") + F.col("_more") > SERVED)
        .groupBy("item_id")
        .agg(F.max("rank").alias("_had"), F.min("weight").alias("_least"))
    )
    too_small = F.col("weight").cast("float") < F.col("_least").cast("float")
    stays_out = F.coalesce((F.col("_had") == SERVED) & too_small, F.lit(False))
    enter = F.count("*").over(Window.partitionBy("item_id")).cast("int")
    return (
        risen.join(ends, "item_id", "left")
        .where(~stays_out)
        .select(*STEP, "weight", "_had", (F.col("_had") + enter - SERVED).alias("_excess"))
    )


def _cut(lists: DataFrame, entering: DataFrame, listed: DataFrame) -> DataFrame:
    """The lists with what enters them, the best 100 of each item: (item, next item, weight).

    Only the ends of lists that grow too long travel: whatever enters, the places before them stay.
    """
    ends = _open_places(entering.where("_excess > 0"), listed).localCheckpoint()
    last = F.when(F.col("_excess") > 0, SERVED).alias("rank")
    rows = lists.unionByName(entering.select(*STEP, "weight", last))
    placed = with_slot_value(rows, ends, on=ITEM, value=F.max("_open").alias("_open"))
    is_open = F.coalesce(F.col("rank") + F.col("_open") > SERVED, F.lit(False))
    open_places, settled = placed.where(is_open).drop("rank"), placed.where(~is_open)
    cut = best_steps(open_places, limit=F.col("_open"))
    return settled.unionByName(cut).select(*STEP, "weight")


def _open_places(entering: DataFrame, listed: DataFrame) -> DataFrame:
    """The items whose lists grow too long: ``_open``, 100 less the places that stay for sure.

    Where n steps are too many, a place stays if n rows of the list lie below it that were not made
    since: they lie there still, and go first. ``listed`` are the rows that were made since.
    """
    grown = entering.select("item_id", "_had", "_excess").distinct()
    near = narrowed(listed, grown, on=ITEM)
    moved = near.groupBy("item_id").agg(F.collect_list("rank").alias("_ranks"))
    from_end = F.sort_array(F.transform("_ranks", lambda rank: F.col("_had") - rank))
    below = F.aggregate(
        F.coalesce(from_end, F.array().cast("array<int>")),
        F.col("_excess"),
        lambda places, moved: F.when(moved < places, places + 1).otherwise(places),
    )
    stay = F.greatest(F.col("_had") - below, F.lit(0))
    return grown.join(moved, "item_id", "left").select(
        "item_id", (F.lit(SERVED) - stay).alias("_open")
    )
