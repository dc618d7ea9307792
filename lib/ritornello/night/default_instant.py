"""Choose the instant of a night for whoever gives none."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind


def end_less_horizon(context: Context) -> datetime:
    """Print and return the end of the plays less the horizon."""
    days = context.settings.evaluation.horizon_days
    seconds = F.unix_seconds("played_at")
    span = plays_of_kind(context).agg(F.min(seconds).alias("first"), F.max(seconds).alias("last"))
    row = span.first()
    if row is None or row["last"] is None:
        raise UsageError("nothing was played yet, so no night can be made: import plays first")
    first, last = (datetime.fromtimestamp(row[name], UTC) for name in ("first", "last"))
    as_of = less_horizon(first, last, days)
    context.console.print(
        f"  as of {iso(as_of)}: the last play, of {iso(last)}, less the horizon of {days} days",
        highlight=False,
    )
    return as_of


def less_horizon(first: datetime, last: datetime, days: float | Literal["to_end"]) -> datetime:
    """Return the second after the last play less the horizon.

    Raises UsageError if the horizon is ``to_end``, and if nothing was played before that instant.
    """
    if days == "to_end":
        raise UsageError(
            "--horizon to_end needs --as-of: without it, days are counted from the end"
        )
    as_of = last + timedelta(seconds=1) - timedelta(days=days)
    if as_of <= first:
        raise UsageError(
            f"the plays from {iso(first)} to {iso(last)} are no longer than the horizon of {days:g} "
            "days: give --as-of, or a shorter --horizon"
        )
    return as_of
