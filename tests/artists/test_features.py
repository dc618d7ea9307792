"""B1.5 and B1.6: every feature by name, by hand on a small world; faults of the published code."""

from math import exp, log, log1p, log2, sqrt

import numpy as np
import pytest

from ritornello.artists.content import content_of
from ritornello.artists.features import (
    CONTENT,
    FEATURES,
    PUBLISHED,
    Bounds,
    Evidence,
    known,
    pair_features,
)
from ritornello.tables.contracts.catalogue import AUDIO

BOUNDS = Bounds(pairs_per_user=10, neighbours=10, tags_per_item=10)
PAIRS = [(1, 10, 4), (1, 11, 12), (2, 10, 1), (2, 11, 1), (2, 12, 2), (3, 11, 1), (3, 12, 1)]
TEMPO = AUDIO.index("tempo")


def vector(energy: float | None, tempo: float | None) -> list[float | None]:
    cells: list[float | None] = [0.5] * len(AUDIO)
    cells[AUDIO.index("energy")], cells[TEMPO] = energy, tempo
    return cells


def evidence(spark) -> Evidence:
    pairs = spark.createDataFrame(PAIRS, "user_id int, item_id int, plays long")
    vectors = spark.createDataFrame(
        [
            (10, *vector(0.2, 90.0), 0, ["rock"], 900),
            (11, *vector(0.8, 150.0), 1, ["rock", "pop"], 900),
            (12, *vector(0.5, 120.0), 0, ["pop"], 900),
            (13, *vector(None, None), None, ["<unknown>"], 900),  # known by name, nothing else
        ],
        "artist_id int, " + ", ".join(f"{n} double" for n in AUDIO)
        + ", explicit int, genres array<string>, plays long",
    )  # fmt: skip
    factors = "array<float>"
    return Evidence(
        pairs,
        pairs.selectExpr("user_id", "item_id", "ln(1 + plays) rating"),
        spark.createDataFrame(
            [(1, [3.0, 4.0]), (3, [1.0, 0.0])], f"user_id int, factors {factors}"
        ),
        spark.createDataFrame(
            [(12, [2.0, 0.0]), (13, [0.0, 1.0]), (10, [1.0, 1.0])],
            f"item_id int, factors {factors}",
        ),
        content=content_of(vectors),
        friends=spark.createDataFrame(
            [(1, 2), (1, 3), (2, 1), (3, 1)], "user_id int, friend_id int"
        ),
        tags=spark.createDataFrame(
            [(2, 10, 7), (3, 12, 7), (1, 12, 8), (2, 12, 9), (2, 11, 9)],
            "user_id int, item_id int, tag_id long",
        ),
    )


@pytest.fixture(scope="module")
def found(spark) -> dict[tuple[int, int], dict[str, float]]:
    candidates = spark.createDataFrame(
        [(1, 12, 6.0, 0), (1, 13, 4.0, 1), (3, 10, 1.0, 0)],
        "user_id int, item_id int, als_score double, als_rank int",
    )
    read = known(evidence(spark), bounds=BOUNDS, published=False, keep=lambda df: df)
    rows = pair_features(candidates, read).collect()
    return {
        (row.user_id, row.item_id): dict(zip(FEATURES, row.features, strict=True)) for row in rows
    }


def test_b1_6_counts_and_als(found):
    one = found[1, 12]
    expected = {
        "als_score": 6.0, "als_rank": 0.0, "als_rank_inv": 1.0,
        "item_pop_users": 2.0, "item_pop_plays": 3.0,
        "log_item_pop_users": log1p(2), "log_item_pop_plays": log1p(3),
        "als_x_pop": 6.0 * log1p(3),
        "user_seen_items": 2.0, "user_total_plays": 16.0, "user_mean_plays": 8.0,
        "als_cosine": 0.6,
        "log_item_mean_plays": log(1.5),
        "user_breadth": exp(-(0.25 * log(0.25) + 0.75 * log(0.75))),
        "user_mean_pop": (log1p(2) + log1p(3)) / 2,
    }  # fmt: skip
    assert {name: one[name] for name in expected} == pytest.approx(expected, rel=1e-5)
    assert found[1, 13]["als_rank_inv"] == 0.5
    assert len(PUBLISHED) == 16


def test_b1_5_and_6_content_on_standard_scores(found):
    """Energy and tempo stand at -z, +z and 0; constants add nothing; taste is 1/4 and 3/4."""
    z = sqrt(1.5)  # of -1, 1, 0 about their mean
    taste = 0.25 * -z + 0.75 * z
    one, other = found[1, 12], found[3, 10]
    assert one["l2_user_item"] == pytest.approx(sqrt(2) * taste, rel=1e-5)
    assert one["absdiff_mean_user_item"] == pytest.approx(2 * taste / 9, rel=1e-5)
    assert np.isnan(one["cos_user_item"])  # 12 stands at the mean of all: no direction
    assert other["cos_user_item"] == pytest.approx(-1.0, rel=1e-5)
    assert other["als_x_cos"] == pytest.approx(-1.0, rel=1e-5)
    assert one["uf_explicit"] == pytest.approx(0.75)
    shares = {"rock": (4 + 6) / 16, "pop": 6 / 16}
    assert one["genre_share"] == pytest.approx(shares["pop"])
    entropy = -sum(p * log2(p) for p in shares.values())
    assert one["user_genre_entropy"] == pytest.approx(entropy, rel=1e-5)


def test_b1_1_what_is_missing_stays_missing(found):
    """An artist of unknown sound is not an artist that sounds like zero."""
    one = found[1, 13]
    assert np.isnan([one[n] for n in ("item_pop_users", "genre_share")]).all()
    # the seven constant means are known of it: alike on both sides, at distance 0
    assert one["l2_user_item"] == 0.0
    assert np.isnan(one["cos_user_item"])


def test_item_cosine_is_the_sum_over_what_the_listener_knows(found):
    weights = {(u, i): log1p(n) for u, i, n in PAIRS}

    def cosine(i: int, j: int) -> float:
        users = {u for u, k in weights if k == i} & {u for u, k in weights if k == j}
        if len(users) < 2:
            return 0.0
        norms = [sqrt(sum(w * w for (_, k), w in weights.items() if k == x)) for x in (i, j)]
        return sum(weights[u, i] * weights[u, j] for u in users) / (norms[0] * norms[1])

    expected = sum(weights[1, i] * cosine(i, 12) for i in (10, 11))
    assert found[1, 12]["item_cosine"] == pytest.approx(expected, rel=1e-5)
    assert found[1, 12]["item_cosine_binary"] == pytest.approx(2 / sqrt(6), rel=1e-5)
    assert found[1, 12]["item_cosine_rank"] == 1.0


def test_friends_share(found):
    assert found[1, 12]["friend_share"] == 1.0
    assert found[1, 12]["friend_rating"] == pytest.approx((log1p(2) + log1p(1)) / 2, rel=1e-5)
    assert found[3, 10]["friend_share"] == 1.0
    assert np.isnan(found[1, 13]["friend_share"])


def test_b3_a_listeners_own_tag_on_the_scored_artist_never_counts(found):
    """12 has tags 7, 8 and 9; 8 is of listener 1 alone, who is being ranked for."""
    idf = {7: log(3 / 2), 8: log(3), 9: log(3 / 2)}
    by_item = {10: {7: log(2) * idf[7]}, 11: {9: log(2) * idf[9]}}
    liking: dict[int, float] = {}
    for item, plays in ((10, 4), (11, 12)):
        length = sqrt(sum(w * w for w in by_item[item].values()))
        for tag, weight in by_item[item].items():
            liking[tag] = liking.get(tag, 0.0) + log1p(plays) * weight / length
    size = sqrt(sum(w * w for w in liking.values()))
    others = {7: log(2) * idf[7], 9: log(2) * idf[9]}  # without tag 8
    dot = sum(liking[t] / size * w for t, w in others.items())
    expected = dot / sqrt(sum(w * w for w in others.values()))
    assert found[1, 12]["tag_similarity"] == pytest.approx(expected, rel=1e-5)
    with_own = dot / sqrt(sum(w * w for w in others.values()) + (log(2) * idf[8]) ** 2)
    assert expected != pytest.approx(with_own, rel=1e-3)


def test_b3_no_content_feature_is_constant(found):
    """The published ids did not match, so every content feature was 0."""
    rows = list(found.values())
    for name in CONTENT:
        values = {round(row[name], 6) for row in rows if not np.isnan(row[name])}
        assert values, name
        assert values != {0.0}, name
