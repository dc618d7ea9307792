from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pyspark.sql import functions as F

from ritornello.errors import BadInputError
from ritornello.evaluation.split import border, drawn_items, eligible_listeners, with_roles

START = datetime(2024, 5, 1, tzinfo=UTC)
PLAYS = "user_id int, item_id int, played_at timestamp, weight int"


def plays_at(spark, seconds):
    rows = [(1, n, START + timedelta(seconds=int(s)), 1) for n, s in enumerate(seconds)]
    return spark.createDataFrame(rows, PLAYS)


@pytest.mark.parametrize("number", [1, 10, 137, 1000])
def test_the_border_is_the_play_at_nine_tenths(spark, number):
    draw = np.random.default_rng(number)
    seconds = np.sort(draw.integers(0, 5 * 86_400, number))
    found = border(plays_at(spark, seconds), newest_share=0.1)
    assert found == START + timedelta(seconds=int(seconds[int(number * 0.9)]))


def test_nothing_to_split_says_so(spark):
    with pytest.raises(BadInputError, match="no plays"):
        border(plays_at(spark, []), newest_share=0.1)


def test_eligible_need_two_early_positives_and_a_late_one(spark):
    day = [START + timedelta(days=n) for n in range(10)]
    rows = [
        *((1, n, day[n], 1) for n in (0, 1, 9)),
        *((2, n, day[n], 1) for n in (0, 9)),  # one early play
        *((3, n, day[n], 1) for n in (0, 1)),  # none late
        *((4, n, day[n], w) for n, w in ((0, 1), (1, -1), (9, 1))),  # a skip is no positive
        *((5, n, day[n], 1) for n in (0, 5, 8)),  # the border itself is late, day 5 is not early
    ]
    plays = spark.createDataFrame(rows, PLAYS)

    def found(published):
        listeners = eligible_listeners(plays, validation=day[5], test=day[8], published=published)
        return {row.user_id for row in listeners.collect()}

    assert found(published=True) == {1}
    assert found(published=False) == {1, 2, 4, 5}


def test_at_most_a_tenth_is_drawn_for_validation_and_always_the_same(spark):
    listeners = spark.range(95).select(F.col("id").cast("int").alias("user_id"))

    def drawn(frame, seed):
        rows = with_roles(frame, validation=2048, seed=seed).where("role = 'validation'").collect()
        return {row.user_id for row in rows}

    assert len(drawn(listeners, 1)) == 9
    assert drawn(listeners, 1) == drawn(listeners.repartition(7), 1)
    assert drawn(listeners, 1) != drawn(listeners, 2)
    assert with_roles(listeners, validation=4, seed=1).where("role = 'validation'").count() == 4


def test_items_are_drawn_in_proportion_to_their_plays(spark):
    """One item of 9,000 plays among 999 of 1: it is the first in 9 draws of 10."""
    rows = [(n, 9_000 if n == 0 else 1) for n in range(1000)]
    counts = spark.createDataFrame(rows, "item_id int, plays long").cache()
    firsts = [
        drawn_items(counts, number=1, how="popularity", seed=seed).first().item_id
        for seed in range(30)
    ]
    assert 22 <= firsts.count(0) <= 30
    assert drawn_items(counts, number=1, how="most_popular", seed=1).first().item_id == 0
    uniform = {
        drawn_items(counts, number=1, how="uniform", seed=s).first().item_id for s in range(9)
    }
    assert len(uniform) >= 8
    assert drawn_items(counts, number=50, how="popularity", seed=1).count() == 50
