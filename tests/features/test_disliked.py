"""The last word on an item decides whether a listener wants it."""

from ritornello.features.disliked import disliked

EVENTS = [
    # user, item, day, weight
    (1, 10, 1, 1),
    (1, 10, 2, -2),  # played, then disliked
    (1, 11, 1, -2),
    (1, 11, 2, 1),  # disliked, then played again
    (1, 12, 1, -2),
    (1, 12, 2, 2),  # disliked, then liked
    (1, 13, 1, -2),
    (1, 13, 2, -1),  # disliked, then skipped
    (1, 14, 1, 1),
    (1, 14, 1, -2),  # at one instant
    (1, 15, 1, 1),
    (1, 15, 2, -1),  # played, then skipped
    (1, 16, 1, -2),
    (1, 16, 2, 1),
    (1, 16, 3, -2),  # disliked again
    (2, 10, 3, 1),  # another listener
]


def test_a_dislike_holds_until_a_like_or_a_play(spark):
    events = spark.createDataFrame(
        [(user, item, f"2024-05-0{day}", weight) for user, item, day, weight in EVENTS],
        "user_id int, item_id int, day string, weight int",
    ).selectExpr("user_id", "item_id", "CAST(day AS timestamp) AS played_at", "weight")
    rows = {tuple(row) for row in disliked(events).collect()}
    assert rows == {(1, 10), (1, 13), (1, 14), (1, 16)}
