"""B1.3: log1p, bm25 and tfidf by hand, and the idf that never goes below 0."""

from math import log, log1p, sqrt

import pytest

from ritornello.models.als import as_cosine
from ritornello.models.weighting import weighted

PAIRS = [
    # user item plays
    (1, 10, 3),
    (1, 11, 8),
    (2, 10, 1),
    (2, 12, 4),
    (3, 10, 2),  # everybody has 10: its idf, ln 3 - ln 4, would be below 0
    (3, 11, 1),
]


@pytest.fixture(scope="module")
def pairs(spark):
    return spark.createDataFrame(PAIRS, "user_id int, item_id int, plays long")


def ratings(pairs, how) -> dict[tuple[int, int], float]:
    return {(row.user_id, row.item_id): row.rating for row in weighted(pairs, how=how).collect()}


def test_b1_3_none_is_log1p(pairs):
    assert ratings(pairs, "none") == pytest.approx({(u, i): log1p(n) for u, i, n in PAIRS})


def test_b1_3_bm25_of_the_formula_with_an_idf_that_is_never_negative(pairs):
    lengths = {u: sum(log1p(n) for v, _, n in PAIRS if v == u) for u in (1, 2, 3)}
    mean = sum(lengths.values()) / 3
    idf = {10: 0.0, 11: log(3) - log(3), 12: log(3) - log(2)}
    expected = {
        (u, i): log1p(n) * 2.2 / (1.2 * (0.25 + 0.75 * lengths[u] / mean) + log1p(n)) * idf[i]
        for u, i, n in PAIRS
    }
    found = ratings(pairs, "bm25")
    assert found == pytest.approx(expected)
    assert min(found.values()) == 0.0
    assert found[2, 12] > 0


def test_b1_3_tfidf(pairs):
    found = ratings(pairs, "tfidf")
    assert found[2, 12] == pytest.approx(sqrt(log1p(4)) * (log(3) - log(2)))
    assert found[1, 10] == 0.0


def test_b1_3_score_is_cosine_with_a_tenth_of_popularity(spark):
    users = spark.createDataFrame([(1, [3.0, 4.0])], "user_id int, factors array<float>")
    items = spark.createDataFrame(
        [
            (10, [4.0, 3.0]),  # cosine 24/25
            (11, [-6.0, -8.0]),  # cosine -1
            (12, [0.0, 0.0]),  # no direction at all: cosine 0
        ],
        "item_id int, factors array<float>",
    )
    plays = spark.createDataFrame([(10, 9), (11, 99)], "item_id int, plays long")
    of_users, of_items = as_cosine(users, items, plays, pop_blend=0.1)
    user = of_users.first().factors
    scores = {
        row.item_id: sum(a * b for a, b in zip(user, row.factors, strict=True))
        for row in of_items.collect()
    }
    expected = {10: 0.9 * 24 / 25 + 0.1 * log1p(9) / log1p(99), 11: -0.9 + 0.1, 12: 0.0}
    assert scores == pytest.approx(expected, abs=1e-6)
