"""Instants and days: every job speaks of UTC, and no transformation asks the clock."""

from datetime import UTC, date, datetime, timedelta

DAY_SECONDS = 86_400


def parse_instant(value: object) -> datetime:
    """A day (its midnight) or an ISO instant, always UTC; naive values are taken as UTC."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        moment = _from_text(value)
    else:
        raise ValueError(f"{value!r} is not a day or an instant such as 2024-12-26T15:54:00Z")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_text(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is not a day or an instant such as 2024-12-26T15:54:00Z"
        ) from None


def compact(moment: datetime) -> str:
    """The instant as it stands in file names: 20241226T155400Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def iso(moment: datetime) -> str:
    """The instant as people write it: 2024-12-26T15:54:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sql_timestamp(moment: datetime) -> str:
    """A timestamp literal for conditions, read in the session's time zone, which is UTC."""
    return f"TIMESTAMP '{moment.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S')}'"


def month_start(moment: datetime) -> datetime:
    """Midnight of the first of the instant's month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """Midnight of the first of the following month."""
    return month_start(month_start(month) + timedelta(days=32))


def from_seconds(seconds: int) -> datetime:
    """The instant so many seconds after 1970-01-01 UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def day_number(moment: datetime) -> int:
    """Whole days since 1970-01-01."""
    return int(moment.timestamp() // DAY_SECONDS)
