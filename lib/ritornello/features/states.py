"""State of a pair in a stretch of time, and the join of stretches.

A pair is a listener and an item. ``pair_state`` computes the state of one stretch from its plays,
``month_states`` those of whole months, and ``folded`` (the ⊕ of the design) joins any number of
stretches that follow each other. A rebuild from scratch and a nightly update use the same
functions, and a late play touches only its own stretch.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ritornello.as_of import instant
from ritornello.features.decay import DECAYED, days_between, decay_sums, halved
from ritornello.tables.contracts import HALF_LIVES_DAYS, PAIR_STATE

PAIR = ["user_id", "item_id"]
STATE = [column.name for column in PAIR_STATE]


def pair_state(plays: DataFrame, *, valued_at: datetime) -> DataFrame:
    """One row per (listener, item) of a stretch of plays, valued at ``valued_at``."""
    return _states(plays.withColumn("valued_at", instant(valued_at)))


def month_states(plays: DataFrame) -> DataFrame:
    """One row per (listener, item, month with a play), valued at the month's end."""
    return _states(plays.withColumn("valued_at", month_end(F.col("played_at"))))


def month_end(played_at: Column) -> Column:
    """Return the first instant after the play's month."""
    return F.add_months(F.trunc(F.to_date(played_at), "month"), 1).cast("timestamp")


def _states(plays: DataFrame) -> DataFrame:
    """Compute pair states, bit for bit the same from the same plays.

    Plays are summed in time order within a listener's partition.
    """
    by_day = (
        plays.repartition("user_id")
        .sortWithinPartitions(*PAIR, "played_at")
        .groupBy(*PAIR, "valued_at", F.to_date("played_at").alias("_day"))
        .agg(
            F.count("*").alias("_plays"),
            F.min("played_at").alias("_first"),
            F.max("played_at").alias("_last"),
            *decay_sums(F.col("played_at"), F.col("valued_at")),
        )
    )
    per_pair = by_day.groupBy(*PAIR, "valued_at").agg(
        F.sum("_plays").alias("plays"),
        F.count("*").cast("int").alias("days"),
        F.min("_first").alias("first_played_at"),
        F.max("_last").alias("last_played_at"),
        F.sort_array(F.collect_list(F.struct("_day", "_plays")), asc=False).alias("_days"),
        *(F.sum(name).alias(name) for name in DECAYED),
    )
    return with_streak(per_pair).select(*PAIR, *STATE)


def with_streak(per_pair: DataFrame) -> DataFrame:
    """Add the run of consecutive days that ends with the newest day.

    ``_days`` holds the distinct days, newest first. The i-th newest belongs to the run exactly if
    it lies i days before the newest.
    """
    newest = F.col("_days")[0]["_day"]
    run = F.filter("_days", lambda day, i: F.date_diff(newest, day["_day"]) == i)
    return per_pair.withColumn("_run", run).select(
        "*",
        F.date_sub(newest, F.size("_run") - 1).alias("streak_first_day"),
        newest.alias("streak_last_day"),
        F.aggregate("_run", F.lit(0).cast("long"), lambda sum_, day: sum_ + day["_plays"]).alias(
            "streak_plays"
        ),
    )


def decayed_to(valued_at: Column) -> dict[str, Column]:
    """Carry the decayed sums of a row forward to a later instant.

    The row's own instant is its column ``valued_at``.
    """
    age = days_between(F.col("valued_at"), valued_at)
    return {
        f"decayed_{days}d": F.col(f"decayed_{days}d") * halved(age, days)
        for days in HALF_LIVES_DAYS
    }


def folded(states: DataFrame, *, valued_at: datetime) -> DataFrame:
    """One row per (listener, item): all its stretches joined (⊕), valued at ``valued_at``.

    Stretches of a pair do not overlap, but two may meet within a day. Their order does not matter.
    """
    end = instant(valued_at)
    stretch = F.struct("first_played_at", "last_played_at", "streak_first_day", "streak_plays")
    return (
        states.withColumns(decayed_to(end))
        .repartition("user_id")
        .sortWithinPartitions(*PAIR, "first_played_at")
        .groupBy(*PAIR)
        .agg(
            F.sum("plays").alias("plays"),
            F.sum("days").alias("_days"),
            F.min("first_played_at").alias("first_played_at"),
            F.max("last_played_at").alias("last_played_at"),
            F.max("streak_last_day").alias("streak_last_day"),
            F.sort_array(F.collect_list(stretch)).alias("_stretches"),
            *(F.sum(name).alias(name) for name in DECAYED),
        )
        .withColumn("_run", _joined_run(F.col("_stretches")))
        .withColumns(
            {
                "days": (F.col("_days") - F.col("_run.met")).cast("int"),
                "streak_first_day": F.col("_run.first_day"),
                "streak_plays": F.col("_run.plays"),
                "valued_at": end,
            }
        )
        .select(*PAIR, *STATE)
    )


def _joined_run(stretches: Column) -> Column:
    """Return the run that ends last, and the count of shared days.

    ``met`` is how often two stretches share a day.
    """
    start = F.struct(
        F.lit(None).cast("date").alias("last_day"),
        F.lit(None).cast("date").alias("first_day"),
        F.lit(0).cast("long").alias("plays"),
        F.lit(0).cast("long").alias("met"),
    )
    return F.aggregate(stretches, start, _then)


def _then(run: Column, stretch: Column) -> Column:
    first_day, runs_from = F.to_date(stretch["first_played_at"]), stretch["streak_first_day"]
    goes_on = (runs_from == first_day) & (F.date_diff(first_day, run["last_day"]) <= 1)
    met = F.coalesce((first_day == run["last_day"]).cast("long"), F.lit(0).cast("long"))
    return F.struct(
        F.to_date(stretch["last_played_at"]).alias("last_day"),
        F.when(goes_on, run["first_day"]).otherwise(runs_from).alias("first_day"),
        (
            stretch["streak_plays"] + F.when(goes_on, run["plays"]).otherwise(F.lit(0).cast("long"))
        ).alias("plays"),
        (run["met"] + met).alias("met"),
    )
