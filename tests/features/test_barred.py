import pytest
from pyspark.sql import functions as F

from bars import CASES, FACTS, NOW
from ritornello.features.barred import BARRED, rules_of, with_barred

USERS = {"": None, "7": 0, "8": 1}


@pytest.mark.parametrize(("rules", "facts", "left"), CASES)
def test_what_a_rule_or_the_time_forbids(spark, rules, facts, left):
    rows = [
        (track, str(1000 + track), "a31" if track == 21 else "a30", explicit,
         (start is None or start <= NOW) and (end is None or end > NOW))
        for track, (explicit, start, end) in (FACTS | facts).items()
    ]  # fmt: skip
    of_items = spark.createDataFrame(
        rows, "item_id int, source_track_id string, source_artist_id string, explicit boolean, "
        "available boolean",
    )  # fmt: skip
    schema = "user_id int, what string, source_id string"
    bars = spark.createDataFrame([(USERS[user], *rule) for user, *rule in rules], schema)
    places = spark.createDataFrame(
        [(0, track, "x") for track in FACTS], "user_id int, item_id int, more string"
    )
    marked = with_barred(places, rules_of(of_items, bars if rules else None))
    assert marked.columns == [*places.columns, BARRED]
    assert sorted(row.item_id for row in marked.where(~F.col(BARRED)).collect()) == left
