import numpy as np
import pytest

from ritornello.models.als import fit_factors
from ritornello.models.fold_in import fold_in
from ritornello.models.weighting import weighted
from ritornello.settings.lists import AlsSettings

SETTINGS = AlsSettings(rank=4, iterations=2, reg=0.2, alpha=7.0, blocks=2)
PAIRS = "user_id int, item_id int, plays long"


@pytest.fixture(scope="module")
def pairs(spark):
    draw = np.random.default_rng(8)
    rows = [(u, i, int(n)) for u in range(12) for i, n in enumerate(draw.poisson(0.8, 15)) if n]
    return spark.createDataFrame(rows, PAIRS).cache()


def solved(pairs, items):
    ratings = weighted(pairs, how="none")
    return fold_in(ratings, items, alpha=SETTINGS.alpha, reg=SETTINGS.reg)


def test_a_listener_of_the_fit_gets_the_factors_of_the_fit_again(spark, pairs):
    """MLlib solves the listeners last, so its item factors and the plays are all there is to know."""
    users, items = (part.cache() for part in fit_factors(pairs, settings=SETTINGS))
    again = {row.user_id: row.factors for row in solved(pairs, items).collect()}
    fitted = {row.user_id: row.factors for row in users.collect()}
    assert again.keys() == fitted.keys()
    for user, factors in fitted.items():
        assert np.allclose(again[user], factors, rtol=1e-3, atol=1e-5), user

    new = spark.createDataFrame(
        [
            (50, 3, 2),
            (50, 99, 5),  # an item that the fit did not know is passed over
            (51, 99, 1),  # nothing known: no factors
            (52, 3, 2),  # as 50, without the unknown item
        ],
        PAIRS,
    )
    found = {row.user_id: row.factors for row in solved(new, items).collect()}
    assert found.keys() == {50, 52}
    assert found[50] == found[52]
