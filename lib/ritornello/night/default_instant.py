"""Choose the instant of a night, or check one that was given."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.state.listened import plays_of_kind


def check_instants(context: Context, *instants: datetime) -> None:
    """Raise UsageError if no night can be made of an instant.

    Something must have been played before it, and its plays must be recent enough for an audit
    (`audit.age_days.error`).
    """
    first, last = span(context)
    plays = f"the plays are from {iso(first)} to {iso(last)}"
    most = context.settings.audit.age_days.error
    for as_of in instants:
        if as_of <= first:
            raise UsageError(
                f"nothing was played before {iso(as_of)}: {plays}, so name a later --as-of"
            )
        if most is not None and (as_of - last) / timedelta(days=1) > most:
            raise UsageError(
                f"nothing was played in the {most:g} days before {iso(as_of)}: {plays}, so name an "
                "earlier --as-of, or import newer plays first"
            )


def span(context: Context) -> tuple[datetime, datetime]:
    """Return the instants of the first and the last play.

    Raise UsageError if there is none.
    """
    seconds = F.unix_seconds("played_at")
    ends = plays_of_kind(context).agg(F.min(seconds).alias("first"), F.max(seconds).alias("last"))
    row = ends.first()
    if row is None or row["last"] is None:
        raise UsageError("nothing was played yet, so no night can be made: import plays first")
    return datetime.fromtimestamp(row["first"], UTC), datetime.fromtimestamp(row["last"], UTC)


def end_less_horizon(context: Context) -> datetime:
    """Print and return the end of the plays less the horizon."""
    days = context.settings.evaluation.horizon_days
    first, last = span(context)
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
