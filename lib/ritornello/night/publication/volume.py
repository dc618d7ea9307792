"""Compare the plays of a night's last day with that weekday's usual ones.

A delivery that came in part, not at all or ten times over is seen before any list is made of it.
"""

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from pyspark.sql import functions as F

from ritornello.as_of import between
from ritornello.errors import QualityGateError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.publication.audit import Check, write_checks
from ritornello.tables.slices import part, utc_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKS = 4


def check_volume(context: Context, as_of: datetime) -> list[Check]:
    """Compare the plays of the last day with the four weeks before.

    The checks become rows of `checks` if one of them warns. Raises QualityGateError beyond a limit
    that stops the night.
    """
    limits = context.settings.volume
    plays, past = _plays_by_week(context, as_of)
    known = _share_of_usual(plays, past, least=limits.least_plays)
    checks = [
        Check("volume_low", known, limits.low),
        Check("volume_high", known, limits.high),
    ]
    if any(check.outcome in ("warn", "error") for check in checks):
        write_checks(context, as_of, checks, step="volume")
        context.console.print(f"  {_sentence(as_of, plays, past)}", highlight=False)
    failed = [check for check in checks if check.outcome == "error"]
    if failed:
        key = failed[0].name.removeprefix("volume_")
        raise QualityGateError(
            f"{_sentence(as_of, plays, past)}: check that the delivery is complete and import what is "
            f"missing; if the day really was like that, run again with --set volume.{key}.error=null"
        )
    return checks


def _share_of_usual(plays: int, past: Sequence[int | None], *, least: int) -> float | None:
    """Divide the plays of a day by the median of earlier days.

    None if there are fewer than two of those (None: before the first play), or if their median is
    below ``least``.
    """
    days = [number for number in past if number is not None]
    if len(days) < 2 or (usual := statistics.median(days)) < max(1, least):
        return None
    return plays / usual


def _plays_by_week(context: Context, as_of: datetime) -> tuple[int, list[int | None]]:
    """Count the plays of the last day, and of that weekday in earlier weeks.

    None for an earlier day that is not wholly within the stored listening.
    """
    heard = context.store.read("plays").where(F.col("weight") > 0)
    ends = [as_of - week * WEEK for week in range(WEEKS + 1)]
    recent = between(heard, ends[-1] - DAY, as_of)
    seconds = F.lit(int(as_of.timestamp())) - F.unix_seconds("played_at") - 1
    days_ago = (seconds / F.lit(86_400)).cast("int").alias("days_ago")
    rows = recent.select(days_ago).where("days_ago % 7 = 0").groupBy("days_ago").count().collect()
    counts = {row["days_ago"] // 7: row["count"] for row in rows}
    first = _first_play(context)
    past = [
        counts.get(week, 0) if first and first <= ends[week] - DAY else None
        for week in range(1, WEEKS + 1)
    ]
    return counts.get(0, 0), past


def _first_play(context: Context) -> datetime | None:
    """Return the time of the first stored play, from the log."""
    times = [file.least.get("played_at") for file in context.store.files(part("plays"))]
    return min((utc_of(time) for time in times if isinstance(time, str)), default=None)


def _sentence(as_of: datetime, plays: int, past: Sequence[int | None]) -> str:
    days = ", ".join(f"{number:,}" for number in past if number is not None)
    return (
        f"the day before {iso(as_of)} has {plays:,} plays; the same weekday had {days} in the "
        "weeks before"
    )
