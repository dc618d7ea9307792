"""Spans of months: all months up to any are a few of them, and a month is in a few of them.

A month and its span are named by their end. Months are numbered from 1970; a span holds as many
months as the largest power of two that divides its number: 1, 2, 1, 4, 1, 2, 1, 8, ... (a Fenwick
tree). So ten years are at most eight spans, and a month that changes re-opens at most eight.
"""

from collections.abc import Iterator
from datetime import UTC, datetime


def up_to(month: datetime, *, after: datetime | None = None) -> Iterator[datetime]:
    """The spans that together hold every month up to ``month``, newest first.

    With ``after``, only those of later months than it, which must be a border between spans.
    """
    number, least = _number(month), _number(after) if after is not None else 0
    while number > least:
        yield _end(number)
        number -= number & -number


def holding(month: datetime, *, last: datetime) -> Iterator[datetime]:
    """The spans up to ``last`` that hold a month, smallest first."""
    number = _number(month)
    while number <= _number(last):
        yield _end(number)
        number += number & -number


def begin(span: datetime) -> datetime:
    """The instant at which a span's first month begins."""
    number = _number(span)
    return _end(number - (number & -number))


def _number(month: datetime) -> int:
    return (month.year - 1970) * 12 + month.month - 1


def _end(number: int) -> datetime:
    return datetime(1970 + number // 12, number % 12 + 1, 1, tzinfo=UTC)
