"""Instants and days, always in UTC.

No transformation asks the clock: the day is an argument.
"""

from datetime import UTC, date, datetime, timedelta

DAY_SECONDS = 86_400
FIRST_YEAR, LAST_YEAR = 1900, 9000


def parse_instant(value: object) -> datetime:
    """Parse a day or an ISO instant as UTC.

    A day means its midnight. Values without a time zone are taken as UTC.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        moment = _from_text(value)
    else:
        raise ValueError(f"{value!r} is not a day or an instant such as 2024-12-26T15:54:00Z")
    if moment.microsecond:
        raise ValueError(f"{value!r} has a fraction of a second: instants are whole seconds")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:  # sums of days must not leave the calendar
        raise ValueError(f"{value!r} is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_text(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is not a day or an instant such as 2024-12-26T15:54:00Z"
        ) from None


def compact(moment: datetime) -> str:
    """Format the instant for file names: 20241226T155400Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def iso(moment: datetime) -> str:
    """Format the instant for people: 2024-12-26T15:54:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sql_timestamp(moment: datetime) -> str:
    """Return a timestamp literal for SQL conditions.

    Spark reads it in the session's time zone, which is UTC.
    """
    return f"TIMESTAMP '{moment.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S')}'"


def month_start(moment: datetime) -> datetime:
    """Return midnight of the first day of the instant's month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """Return midnight of the first day of the following month."""
    return month_start(month_start(month) + timedelta(days=32))


def from_seconds(seconds: int) -> datetime:
    """Return the instant this many seconds after 1970-01-01 UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def micros(moment: datetime) -> int:
    """Return the microseconds from 1970-01-01 UTC to the instant."""
    return (moment - from_seconds(0)) // timedelta(microseconds=1)
