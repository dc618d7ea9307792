"""B2's similarity and final score."""

import numpy as np
import pandas as pd
import pytest

from ritornello.playlists.moments import MOMENTS
from ritornello.playlists.scores import final_score, scaled, score_candidates, similarity
from ritornello.settings.playlists import PlaylistSettings, ScoreWeights

NA = float("nan")
DEFAULTS = PlaylistSettings()


def test_b2_similarity():
    """B2: sim(x, mu, d) = max(0, 1 - |x - mu|/d), 0.5 if missing; d = 80 bpm and 1.0 valence."""
    assert (DEFAULTS.tempo_width, DEFAULTS.valence_width) == (80.0, 1.0)
    tempo = np.array([100.0, 140, 60, 180, 200, NA, 100])
    taste = np.array([100.0, 100, 100, 100, 100, 100, NA])
    golden = [1.0, 0.5, 0.5, 0.0, 0.0, 0.5, 0.5]
    np.testing.assert_allclose(similarity(tempo, taste, 80.0), golden)
    valence = similarity(np.array([0.2, 1.0, NA]), np.array([0.5, 0.0, 0.5]), 1.0)
    np.testing.assert_allclose(valence, [0.7, 0.0, 0.5])


def test_b2_base_is_scaled_within_the_listener():
    """B2: base = the blend, scaled to [0, 1] within the user; constants to 0.5."""
    listener = np.array([1, 1, 1, 2, 2, 3])
    score = np.array([-4.0, 0.0, 4.0, 100.0, 102.0, 7.0])
    # listener 2's scores are worth no more than listener 1's; listener 3 has but one
    np.testing.assert_allclose(scaled(score, listener), [0, 0.5, 1, 0, 1, 0.5])
    np.testing.assert_allclose(scaled(np.array([3.0, 3.0, NA, 5.0]), np.zeros(4)), [0, 0, 0.5, 1])


def test_b2_final_score():
    """B2: final = 0.6 base + 0.2 tempo_sim + 0.2 valence_sim; weights adjustable."""
    values = (np.array([0.9]), np.array([0.5]), np.array([0.25]))
    assert final_score(*values, ScoreWeights())[0] == pytest.approx(0.69)
    moved = ScoreWeights(base=0.2, tempo=0.8, valence=0.0)
    assert final_score(*values, moved)[0] == pytest.approx(0.58)


def test_b2_score_candidates_adds_every_step():
    """B2: from the recommendation's score to the moment's, and base is not scaled twice."""
    rows = pd.DataFrame(
        {
            "user_id": [1, 1, 1],
            "recommendation_score": [2.0, 4.0, 3.0],
            "tempo": [150.0, 120.0, NA],
            "valence": [0.75, NA, 0.5],
            "taste_tempo": [130.0, 130.0, 130.0],
            "taste_valence": [0.5, 0.5, 0.5],
        }
    )
    scored = score_candidates(rows, moment=MOMENTS["workout"], settings=DEFAULTS)
    golden = {
        "base": [0.0, 1.0, 0.5],
        "tempo_sim": [0.75, 0.875, 0.5],
        "valence_sim": [0.75, 0.5, 1.0],
        "final": [0.30, 0.875, 0.60],  # .6 base + .2 + .2
        # .4 final + .4 tempo term + .2 valence term, .25 where unknown
        "moment_score": [0.42, 0.40, 0.34],
    }
    for column, values in golden.items():
        np.testing.assert_allclose(scored[column], values, err_msg=column)
    # two of the rows: their base stays what it is among all rows
    again = score_candidates(scored[1:], moment=MOMENTS["default"], settings=DEFAULTS)
    np.testing.assert_allclose(again["base"], [1.0, 0.5])
    np.testing.assert_allclose(again["moment_score"], again["final"])


def test_fault_the_final_score_moves_with_the_sound():
    """Published fault: content features all zero. Here tempo alone changes the score."""
    rows = pd.DataFrame(
        {
            "base": [0.5] * 3,
            "tempo": [80.0, 120.0, 160.0],
            "taste_tempo": [120.0] * 3,
            "valence": [0.5] * 3,
            "taste_valence": [0.5] * 3,
        }
    )
    finals = score_candidates(rows, moment=MOMENTS["default"], settings=DEFAULTS)["final"]
    np.testing.assert_allclose(finals, [0.6, 0.7, 0.6])
