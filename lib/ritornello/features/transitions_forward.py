"""Find the best steps as of an instant.

They come from a month's lists and sums, and the steps since.

Shuffle cost grows with the steps since and the rows they touch, not with the length of the history
or the number of lists. All steps that were not made since decay alike and keep their order.
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
    """Lists and remaining sums of all months before ``valued_at``.

    ``valued_at`` is the first instant of a month. ``best`` comes from ``transitions``. ``others``
    are the rows of ``transition_sums`` that are not in it.
    """

    best: DataFrame
    others: DataFrame
    valued_at: datetime


def transitions_forward(
    months: Months, tail: DataFrame, *, as_of: datetime, half_life_days: float
) -> DataFrame:
    """Compute ``transitions`` as of an instant, without ranks.

    Columns: item_id, next_item_id, weight. ``tail`` holds the ``listener_steps`` of the unfinished
    month. It is read several times, so cache it.
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
    """One row per step of the tail or of a list.

    Columns: the step, its weight, first_user and last_user who made it since, and its rank in the
    list. ``one`` is what a play of the tail counts in the units of the month's start. The weight is
    that of the list and the tail, or of the tail alone for a step in no list. Rows stay partitioned
    by step, so that joins move the other side and not these rows.
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
    """Keep rows of ``others`` that ``unlisted`` steps may lift into a list.

    Columns: item_id, next_item_id, weight, user_id (the one listener who made the step, null if two
    did). A step of two listeners that is in no list weighs less than the last step of a full one.
    It stays out if even the largest gain of any unlisted step of the item does not lift it. All
    others may rise.
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
    """Keep the unlisted steps that at least two listeners have made by now.

    Columns: item_id, next_item_id, weight.
    """
    before = known.withColumnRenamed("weight", "_before")
    now = unlisted.join(before, [*STEP], "left")
    were_two = F.col("_before").isNotNull() & F.col("user_id").isNull()
    first, last = F.least("first_user", "user_id"), F.greatest("last_user", "user_id")
    weight = F.coalesce("_before", F.lit(0.0)) + F.col("weight")
    return now.where(were_two | (first < last)).select(*STEP, weight.alias("weight"))


def _entering(risen: DataFrame, best: DataFrame) -> DataFrame:
    """Keep the steps that may enter their item's list.

    Columns: item_id, next_item_id, weight, _had, _excess. A step that weighs less than the last of
    a full list cannot enter. ``_had`` is the length of the list. ``_excess`` is by how many steps
    it is too long once all have entered. Both are null where the steps are sure to fit.
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
    """Merge entering steps into the lists, and keep each item's best 100.

    Columns: item_id, next_item_id, weight. Only the ends of lists that grow too long are shuffled:
    whatever enters, the places before them stay.
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
    """One row per item whose list grows too long, with ``_open``.

    ``_open`` is 100 less the places that are sure to stay. Where n steps are too many, a place
    stays if n rows of the list below it were not made since: they still lie below it, and go first.
    ``listed`` holds the rows that were made since.
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
