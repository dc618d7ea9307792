import pytest

from ritornello.report.labels import FRAME, placed
from ritornello.report.words import (
    amount,
    edge,
    hours,
    metric_name,
    percent,
    probability,
    signed,
    span,
)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (amount(1_204_411), "1,204,411"),
        (amount(364.97123), "365"),
        (amount(0.00031), "0.00031"),
        (amount(True), "yes"),
        (amount(None), "\N{EN DASH}"),
        (amount(float("nan")), "\N{EN DASH}"),
        (amount("to_end"), "to_end"),
        (amount([5, 10]), "5, 10"),
        (amount(float("inf")), "\N{EN DASH}"),
        (signed(-0.01234), "\N{MINUS SIGN}0.0123"),
        (percent(5.617), "+5.6 %"),
        (probability(0.0004), "< 0.001"),
        (probability(0.0123), "0.012"),
        (edge(3981.07), "3,980"),
        (edge(24), "24"),
        (hours(0), "0"),
        (hours(0.5), "30 min"),
        (hours(36), "1.5 d"),
        (hours(8766), "1 y"),
        (span(24), "1 day"),
        (span(72), "3 days"),
        (metric_name("ndcg@40"), "NDCG@40"),
        (metric_name("something_else@5"), "something else@5"),
    ],
)
def test_words(told, expected):
    assert told == expected


def test_labels_keep_clear_of_points_and_of_each_other():
    x, y = 100.0, 100.0
    at = [(x, y), (x, y + 11), (x + 40, y)]  # both of the first would have it on their right
    boxes = placed(["one", "two", "three"], at)
    assert None not in boxes
    for box in boxes:
        left, top, right, bottom = box
        others = [other for other in boxes if other is not box]
        others += [(px - 4, py - 4, px + 4, py + 4) for px, py in at]
        assert not any(
            left < o[2] and o[0] < right and top < o[3] and o[1] < bottom for o in others
        )


def test_a_label_without_room_is_left_out():
    assert placed(["x" * 80], [(FRAME[2] / 2, FRAME[3] / 2)]) == [None]
