from datetime import UTC, datetime, timedelta

import pytest

from ritornello.evaluation.outcomes import exposures, live_precision, outcomes

NIGHT = datetime(2024, 5, 1, tzinfo=UTC)
LATER = NIGHT + timedelta(hours=9)
LISTS = (
    "user_id int, list string, rank int, item_id int, last_played_at timestamp, source string, "
    "propensity double"
)


def test_what_came_of_what_was_shown(spark):
    lists = spark.createDataFrame(
        [
            (1, "mixed", 1, 10, NIGHT, "als", None),
            (1, "mixed", 2, 11, None, "als", None),
            (1, "mixed", 3, 12, None, "als", None),  # below the depth
            (1, "new", 1, 13, None, "als", None),  # another list
            (2, "mixed", 1, 10, None, "als", None),  # did not listen: no row
            (3, "mixed", 1, 10, None, "als", None),  # listened to something else
        ],
        LISTS,
    )
    shown = exposures(lists, depth=2)
    assert {(r.user_id, r.rank, r.is_repeat) for r in shown.collect()} == {
        (1, 1, True), (1, 2, False), (2, 1, False), (3, 1, False),
    }  # fmt: skip
    plays = spark.createDataFrame(
        [(1, 10, LATER), (1, 10, LATER + timedelta(hours=1)), (1, 13, LATER), (3, 99, LATER)],
        "user_id int, item_id int, played_at timestamp",
    )
    came = outcomes(shown, plays)
    told = {
        (r.user_id, r.rank): (r.plays, r.first_played_at and r.first_played_at.astimezone(UTC))
        for r in came.collect()
    }
    assert told == {(1, 1): (2, LATER), (1, 2): (0, None), (3, 1): (0, None)}
    row = live_precision(came, cutoffs=(1, 5)).first()
    assert row.listeners == 2
    assert row.live_precision_1 == 0.5  # one of two listeners played the first place
    assert row.live_precision_5 == pytest.approx(0.1)  # 1/5 and 0, though lists are shorter


def test_who_has_a_list_explored_is_shown_that_one(spark):
    lists = spark.createDataFrame(
        [
            (1, "mixed", 1, 10, None, "als", None),
            (1, "mixed", 2, 11, None, "als", None),
            (1, "explored", 1, 10, None, "als", 1.0),
            (1, "explored", 2, 15, None, "als", 0.25),
            (2, "mixed", 1, 10, None, "als", None),
        ],
        LISTS,
    )
    shown = {
        (r.user_id, r.rank): (r.item_id, r.propensity) for r in exposures(lists, depth=2).collect()
    }
    assert shown == {(1, 1): (10, 1.0), (1, 2): (15, 0.25), (2, 1): (10, None)}
