"""B1.8: both scores on one scale within the listener before they are blended."""

import pytest

from ritornello.artists.blend import best_lists, blended

SCORED = "user_id int, item_id int, ranker_score double, als_score double"


@pytest.fixture(scope="module")
def scored(spark):
    return spark.createDataFrame(
        [
            (1, 10, -8.0, 0.9),
            (1, 11, 2.0, 0.1),
            (1, 12, 0.0, 0.5),
            (2, 10, 5.0, 0.3),  # constants become 0.5
            (2, 11, 5.0, 0.3),
        ],
        SCORED,
    )


def test_b1_8_scores_are_scaled_within_the_listener_and_constants_are_a_half(scored):
    rows = blended(scored, alphas=[0.3, 1.0]).collect()
    found = {(r.user_id, r.item_id, r.alpha): r.final for r in rows}
    assert found == pytest.approx(
        {
            (1, 10, 0.3): 0.7, (1, 11, 0.3): 0.3, (1, 12, 0.3): 0.3 * 0.8 + 0.7 * 0.5,
            (1, 10, 1.0): 0.0, (1, 11, 1.0): 1.0, (1, 12, 1.0): 0.8,
            (2, 10, 0.3): 0.5, (2, 11, 0.3): 0.5, (2, 10, 1.0): 0.5, (2, 11, 1.0): 0.5,
        }
    )  # fmt: skip


def test_b1_8_the_published_blend_is_raw(scored):
    rows = blended(scored, alphas=[0.5], raw=True).where("user_id = 1").collect()
    assert {r.item_id: r.final for r in rows} == pytest.approx({10: -3.55, 11: 1.05, 12: 0.25})


def test_lists_break_ties_by_the_smaller_id(scored):
    lists = best_lists(blended(scored, alphas=[0.3]), by="final", keys=["user_id"], length=2)
    found = {r.user_id: (r["items"], r.scores) for r in lists.collect()}
    assert found[1][0] == [10, 12]
    assert found[2] == ([10, 11], [0.5, 0.5])
