"""Exponential decay with ages in seconds: a play counts 2^(-age / half-life)."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from ritornello.instants import DAY_SECONDS
from ritornello.tables.contracts import HALF_LIVES_DAYS

DECAYED = tuple(f"decayed_{days}d" for days in HALF_LIVES_DAYS)


def seconds_between(earlier: Column, later: Column) -> Column:
    """Return the seconds from one timestamp to the other, with fractions."""
    return (F.unix_micros(later) - F.unix_micros(earlier)) / F.lit(1_000_000.0)


def days_between(earlier: Column, later: Column) -> Column:
    """Return the days of 86,400 seconds from one timestamp to the other, with fractions."""
    return seconds_between(earlier, later) / F.lit(float(DAY_SECONDS))


def halved(age_days: Column, half_life_days: float) -> Column:
    """Return how much one play of this age still counts."""
    return F.pow(F.lit(2.0), -age_days / F.lit(float(half_life_days)))


def decay_sums(played_at: Column, valued_at: Column) -> list[Column]:
    """Return one aggregate per half-life: the decayed play count, valued at an instant."""
    age = days_between(played_at, valued_at)
    return [F.sum(halved(age, days)).alias(f"decayed_{days}d") for days in HALF_LIVES_DAYS]
