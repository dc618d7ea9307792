import pytest

from ritornello.evaluation.recall import candidate_recall
from ritornello.tables.contracts import CANDIDATE_SOURCES


def test_recall_by_source_and_of_their_union(spark):
    proposed = {"own_history": [1, None], "als": [None, 1], "popular": [None, 2]}
    ranks = [proposed.get(source, [None, None]) for source in CANDIDATE_SOURCES]
    columns = ", ".join(f"{source}_ranks array<int>" for source in CANDIDATE_SOURCES)
    candidates = spark.createDataFrame(
        [(1, [5, 6], *ranks)], f"user_id int, item_ids array<int>, {columns}"
    )
    asked = spark.createDataFrame(
        [(1, [5, 6, 7], [5], [6, 7]), (2, [5], [5], [])],
        "user_id int, all array<int>, repeats array<int>, new array<int>",
    )
    found = {(r.source, r.target): r.recall for r in candidate_recall(candidates, asked).collect()}
    assert found["union", "all"] == pytest.approx((2 / 3 + 0) / 2)  # listener 2 had no candidate
    assert found["own_history", "repeats"] == pytest.approx(0.5)
    assert found["popular", "new"] == pytest.approx(0.5)  # listener 2 has nothing new
    assert found["own_artists", "all"] == 0.0
