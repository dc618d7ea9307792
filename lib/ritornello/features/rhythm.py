"""Listening rhythm: plays by hour of day (UTC) and by weekday, with shares."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

HOURS = tuple(f"_hour_{hour}" for hour in range(24))
WEEKDAYS = tuple(f"_weekday_{day}" for day in range(7))
RHYTHM = HOURS + WEEKDAYS


def rhythm(plays: DataFrame) -> DataFrame:
    """One row per listener: play counts by hour and weekday (Monday first).

    If the plays have a column ``sign``, each counts as it says: -1 takes a play back.
    """
    one = F.col("sign") if "sign" in plays.columns else F.lit(1)
    hour, weekday = F.hour("played_at"), F.weekday("played_at")
    return plays.groupBy("user_id").agg(
        *(_count(hour == h, one).alias(name) for h, name in enumerate(HOURS)),
        *(_count(weekday == d, one).alias(name) for d, name in enumerate(WEEKDAYS)),
    )


def with_rhythm_counts(profile: DataFrame) -> DataFrame:
    """Turn a profile's arrays of counts back into columns."""
    counts = {name: F.col("hour_plays")[h] for h, name in enumerate(HOURS)}
    return profile.withColumns(
        {**counts, **{name: F.col("weekday_plays")[d] for d, name in enumerate(WEEKDAYS)}}
    )


def with_shares(counts: DataFrame) -> DataFrame:
    """Pack the counts into arrays and add their shares.

    Shares are all zero for a listener without a play.
    """
    hours, weekdays = (_array(names) for names in (HOURS, WEEKDAYS))
    total = sum((F.coalesce(F.col(name), F.lit(0)) for name in WEEKDAYS), F.lit(0))
    return (
        counts.withColumns({"hour_plays": hours, "weekday_plays": weekdays, "_total": total})
        .withColumns(
            {"hour_shares": _shares("hour_plays"), "weekday_shares": _shares("weekday_plays")}
        )
        .drop(*RHYTHM, "_total")
    )


def _count(condition: Column, one: Column) -> Column:
    return F.sum(F.when(condition, one).otherwise(F.lit(0)))


def _array(names: tuple[str, ...]) -> Column:
    return F.array(*(F.coalesce(F.col(name), F.lit(0)).cast("int") for name in names))


def _shares(counts: str) -> Column:
    return F.transform(
        counts, lambda n: F.when(F.col("_total") > 0, n / F.col("_total")).otherwise(0.0)
    )
