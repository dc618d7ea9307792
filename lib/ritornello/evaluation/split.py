"""Split of the published protocol: border in time, listeners, items.

Source: RecSys 2024, doi 10.1145/3640457.3691719, section on the experimental setup.
"""

from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.errors import BadInputError


def border(plays: DataFrame, *, newest_share: float) -> datetime:
    """Return the instant at which the newest share of plays begins.

    It is the instant of the play at place n * (1 - newest_share) in the order of time, counted from
    0. The plays at or after it are the newest share (more where several share its instant). Two
    small counts come to the driver: one per day, then one per second of the day that holds the
    border.
    """
    seconds = plays.select(F.unix_seconds("played_at").alias("second"))
    days = seconds.groupBy(F.floor(F.col("second") / 86_400).alias("unit")).count()
    day, before_it, total = _place(days, share=1.0 - newest_share)
    start = day * 86_400
    inside = seconds.where((F.col("second") >= start) & (F.col("second") < start + 86_400))
    place = _border_place(total, 1.0 - newest_share) - before_it
    second = _unit_at(inside.groupBy(F.col("second").alias("unit")).count(), place)[0]
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


def _border_place(total: int, share: float) -> int:
    return int(total * share + 1e-9)


def _place(counts: DataFrame, *, share: float) -> tuple[int, int, int]:
    total = counts.agg(F.sum("count")).first()
    assert total is not None
    if not total[0]:
        raise BadInputError("there are no plays to split: import some first")
    unit, before_it = _unit_at(counts, _border_place(total[0], share))
    return unit, before_it, total[0]


def _unit_at(counts: DataFrame, place: int) -> tuple[int, int]:
    """Return the unit of time that holds the play at a place.

    The second number is how many plays lie before that unit.
    """
    before_it = 0
    for row in counts.orderBy("unit").collect():
        if before_it + row["count"] > place:
            return int(row["unit"]), before_it
        before_it += row["count"]
    raise AssertionError(f"place {place} lies beyond the last of {before_it} plays")


def eligible_listeners(
    plays: DataFrame, *, validation: datetime, test: datetime, published: bool
) -> DataFrame:
    """Return the listeners that take part, as (user_id).

    As published: more than one positive play before ``validation``, and one at or after ``test``.
    Otherwise all who can be judged by a past: a positive play on either side of ``test``.
    """
    positive = plays.where(F.col("weight") > 0)
    border, least = (validation, 2) if published else (test, 1)
    early = F.count(F.when(F.col("played_at") < instant(border), F.lit(1)))
    late = F.count(F.when(F.col("played_at") >= instant(test), F.lit(1)))
    counted = positive.groupBy("user_id").agg(early.alias("_early"), late.alias("_late"))
    return counted.where((F.col("_early") >= least) & (F.col("_late") >= 1)).select("user_id")


def with_roles(listeners: DataFrame, *, validation: int, seed: int) -> DataFrame:
    """Add ``role``: ``validation`` for a few drawn listeners, ``train`` for the others.

    At most ``validation`` of them, and at most a tenth, are drawn. The draw is an order by hash:
    the same on any machine, and stable when listeners are added.
    """
    most = min(validation, listeners.count() // 10)
    order = [F.xxhash64("user_id", F.lit(seed)), F.col("user_id")]
    sample = listeners.orderBy(*order).limit(most).withColumn("_drawn", F.lit(True))
    role = F.when(F.col("_drawn"), F.lit("validation")).otherwise(F.lit("train"))
    return listeners.join(sample, on="user_id", how="left").select("user_id", role.alias("role"))


def drawn_items(counts: DataFrame, *, number: int, how: str, seed: int) -> DataFrame:
    """Draw ``number`` items by popularity, uniformly, or the most popular.

    ``counts`` has item_id and plays. By popularity: without replacement, each draw with probability
    proportional to plays (Efraimidis and Spirakis 2006: the largest ln(u) / plays, u a uniform
    number from the item's hash).
    """
    return counts.orderBy(_key(how, seed).desc(), "item_id").limit(number)


def _key(how: str, seed: int) -> Column:
    hashed = F.pmod(F.xxhash64("item_id", F.lit(seed)), F.lit(2**52)).cast("double")
    uniform = (hashed + F.lit(0.5)) / F.lit(float(2**52))
    return {
        "popularity": F.log(uniform) / F.col("plays"),
        "uniform": uniform,
        "most_popular": F.col("plays").cast("double"),
    }[how]
