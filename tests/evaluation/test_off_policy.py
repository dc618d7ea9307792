"""What a list would have brought, from what was shown by chance: exact over all draws."""

from itertools import combinations

import pytest

from ritornello.evaluation.off_policy import off_policy_precision

CAME = "user_id int, item_id int, rank int, propensity double, plays bigint"
TARGET = "user_id int, item_id int, rank int"
PLAYED = {1, 4, 6}  # by a listener who is shown them
FIRST, POOL, SLOTS = [1, 2], [3, 4, 5, 6], 2


@pytest.fixture
def every_draw(spark):
    """One listener for each of the six draws of two items of four: all happen, each once."""
    rows = [
        (user, item, rank, 1.0 if item in FIRST else SLOTS / len(POOL), int(item in PLAYED))
        for user, drawn in enumerate(combinations(POOL, SLOTS))
        for rank, item in enumerate([*FIRST, *drawn], 1)
    ]
    return spark.createDataFrame(rows, CAME)


@pytest.mark.parametrize(
    ("target", "precision", "support"),
    [
        ([1, 2, 3, 4], 2 / 4, 1.0),
        ([6, 4, 1], 3 / 4, 3 / 4),  # shorter than the cutoff: by the cutoff, as precision is
        ([5, 3, 9, 8], 0.0, 2 / 4),  # 8 and 9 could not have been shown
        ([9, 8, 7, 10, 1], 0.0, 0.0),  # the fifth place is no matter
    ],
)
def test_the_mean_over_all_draws_is_what_the_target_would_have_had(
    spark, every_draw, target, precision, support
):
    listeners = [row.user_id for row in every_draw.select("user_id").distinct().collect()]
    places = [(user, item, rank) for user in listeners for rank, item in enumerate(target, 1)]
    told = off_policy_precision(
        every_draw, spark.createDataFrame(places, TARGET), cutoffs=[4], name="shadow"
    ).first()
    assert told.shadow_precision_4 == pytest.approx(precision)
    assert told.shadow_support_4 == pytest.approx(support)


def test_without_a_draw_it_is_live_precision_and_the_error_is_told(spark):
    shown = [(user, item, item, None, int(item <= user)) for user in (0, 1, 3) for item in (1, 2)]
    target = [(user, item, item) for user in (0, 1, 3) for item in (1, 2)]
    told = off_policy_precision(
        spark.createDataFrame(shown, CAME),
        spark.createDataFrame(target, TARGET),
        cutoffs=[1, 2],
        name="ranked",
    ).first()
    assert told.ranked_precision_1 == pytest.approx(2 / 3)
    assert told.ranked_precision_2 == pytest.approx((0 + 0.5 + 1) / 3)
    assert told.ranked_error_2 == pytest.approx(0.5 / 3**0.5)
    assert told.ranked_support_2 == 1.0


def test_who_has_no_target_list_is_no_miss(spark):
    """A shadow ranks the listeners who are due; five others were shown places as well."""
    shown = [(user, item, item, None, 1) for user in range(6) for item in (1, 2)]
    report = off_policy_precision(
        spark.createDataFrame(shown, CAME),
        spark.createDataFrame([(0, 1, 1), (0, 9, 2)], TARGET),
        cutoffs=[2],
        name="shadow",
    ).first()
    assert report.shadow_precision_2 == pytest.approx(0.5)  # not .5 / 6
    assert report.shadow_support_2 == pytest.approx(0.5)
