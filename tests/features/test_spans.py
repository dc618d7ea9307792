from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ritornello.features import spans
from ritornello.instants import next_month

FIRST = datetime(1970, 2, 1, tzinfo=UTC)  # the end of the first month there is
MONTHS = [FIRST]
while len(MONTHS) < 1_000:
    MONTHS.append(next_month(MONTHS[-1]))


PLACE = {month: place for place, month in enumerate(MONTHS)}


def months_of(span):
    return MONTHS[PLACE.get(spans.begin(span), -1) + 1 : PLACE[span] + 1]


@given(st.integers(0, 999))
def test_the_spans_up_to_a_month_hold_every_month_once(n):
    chosen = list(spans.up_to(MONTHS[n]))
    held = [month for span in reversed(chosen) for month in months_of(span)]
    assert held == MONTHS[: n + 1]
    assert len(chosen) <= 10


@given(st.integers(0, 999), st.integers(0, 120))
def test_a_month_is_in_the_spans_that_hold_it(n, later):
    last = MONTHS[min(n + later, 999)]
    expected = [span for span in MONTHS[n:] if span <= last and MONTHS[n] in months_of(span)]
    assert list(spans.holding(MONTHS[n], last=last)) == expected
    assert len(expected) <= 8


@given(st.integers(0, 998))
def test_a_span_is_its_last_month_and_the_spans_of_the_others(n):
    span, before = MONTHS[n + 1], MONTHS[n]
    inner = list(spans.up_to(before, after=spans.begin(span)))
    held = [month for one in reversed(inner) for month in months_of(one)]
    assert [*held, span] == months_of(span)
