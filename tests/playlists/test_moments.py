"""B2's table of moments, cell by cell, and moments of one's own."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from ritornello.errors import UsageError
from ritornello.playlists.moments import MOMENTS, moment_named, moments_of
from ritornello.playlists.scores import fit, moment_score
from ritornello.settings.playlists import PlaylistSettings

MISSING = float("nan")
DEFAULTS = PlaylistSettings()


def test_b2_the_five_moments_and_their_aliases():
    """B2: default, workout, focus (study), walk, rest (chill)."""
    assert list(moments_of(DEFAULTS)) == ["default", "workout", "focus", "walk", "rest"]
    assert moment_named("study", DEFAULTS) is MOMENTS["focus"]
    assert moment_named("chill", DEFAULTS) is MOMENTS["rest"]
    with pytest.raises(UsageError, match="choose one of default, workout, focus, walk, rest"):
        moment_named("sleep", DEFAULTS)


@pytest.mark.parametrize(
    ("moment", "base", "weights"),
    [
        ("default", 1.0, {}),
        ("workout", 0.4, {"tempo": 0.4, "valence": 0.2}),
        ("focus", 0.6, {"tempo": 0.25, "valence": 0.15}),
        ("walk", 0.5, {"tempo": 0.3, "valence": 0.2}),
        ("rest", 0.5, {"tempo": 0.3, "valence": 0.2}),
    ],
)
def test_b2_the_weights_of_each_moment(moment, base, weights):
    """B2: the column 'score'."""
    assert MOMENTS[moment].base == base
    assert {term.feature: term.weight for term in MOMENTS[moment].terms} == weights


@pytest.mark.parametrize(
    ("moment", "feature", "golden"),
    [
        # c((t - 120)/60): nothing up to 120, all from 180
        ("workout", "tempo", {90: 0, 120: 0, 135: 0.25, 150: 0.5, 180: 1, 210: 1}),
        # c((v - .5)/.5)
        ("workout", "valence", {0.1: 0, 0.5: 0, 0.6: 0.2, 0.75: 0.5, 1.0: 1}),
        # c(1 - abs(t - 100)/40): all at 100, nothing 40 away, never below 0
        ("focus", "tempo", {50: 0, 60: 0, 80: 0.5, 100: 1, 110: 0.75, 140: 0, 170: 0}),
        # c(1 - abs(v - .4)/.4)
        ("focus", "valence", {0.0: 0, 0.2: 0.5, 0.4: 1, 0.5: 0.75, 0.8: 0, 1.0: 0}),
        # c((t - 90)/40)
        ("walk", "tempo", {60: 0, 90: 0, 100: 0.25, 110: 0.5, 130: 1, 150: 1}),
        # c((v - .4)/.4)
        ("walk", "valence", {0.2: 0, 0.4: 0, 0.5: 0.25, 0.6: 0.5, 0.8: 1, 1.0: 1}),
        # c(1 - abs(t - 80)/40)
        ("rest", "tempo", {30: 0, 40: 0, 60: 0.5, 80: 1, 90: 0.75, 120: 0, 150: 0}),
        # c(1 - abs(v - .35)/.35)
        ("rest", "valence", {0.0: 0, 0.175: 0.5, 0.35: 1, 0.525: 0.5, 0.7: 0, 1.0: 0}),
    ],
)
def test_b2_the_terms_of_each_moment(moment, feature, golden):
    """B2: the columns 'tempo term T' and 'valence term V'; missing audio fits as set."""
    term = next(term for term in MOMENTS[moment].terms if term.feature == feature)
    values = np.array([*golden, MISSING])
    found = fit(values, term, unknown=0.25)
    np.testing.assert_allclose(found, [*golden.values(), 0.25], atol=1e-12)


@pytest.mark.parametrize(
    ("moment", "final", "tempo", "valence", "golden"),
    [
        ("default", 0.9, 165.0, 0.6, 0.9),  # B alone
        ("workout", 0.9, 165.0, 0.6, 0.70),  # .36 + .4 * .75 + .2 * .2
        ("focus", 0.9, 110.0, 0.2, 0.8025),  # .54 + .25 * .75 + .15 * .5
        ("walk", 0.9, 120.0, 0.5, 0.725),  # .45 + .3 * .75 + .2 * .25
        ("rest", 0.9, 90.0, 0.175, 0.775),  # .45 + .3 * .75 + .2 * .5
        ("rest", 0.9, MISSING, MISSING, 0.575),  # .45 + (.3 + .2) * .25
    ],
)
def test_b2_the_score_of_a_track_in_each_moment(moment, final, tempo, valence, golden):
    """B2: B is the final score of the default moment."""
    track = pd.DataFrame({"final": [final], "tempo": [tempo], "valence": [valence]})
    assert moment_score(track, MOMENTS[moment], unknown_fit=0.25)[0] == pytest.approx(
        golden, abs=1e-12
    )


def test_b2_the_weights_of_a_moment_can_be_moved():
    """B2: weights adjustable; the terms themselves stay."""
    moved = MOMENTS["workout"].reweighted({"base": 0.1, "tempo": 0.9})
    assert (moved.base, [term.weight for term in moved.terms]) == (0.1, [0.9, 0.2])
    assert moved.terms[0].ramp_from == 120
    with pytest.raises(UsageError, match="workout has no energy"):
        MOMENTS["workout"].reweighted({"energy": 1.0})


def test_moments_of_ones_own_take_any_feature_by_target_or_ramp():
    own = {
        "party": {
            "base": 0.5,
            "terms": [
                {"feature": "danceability", "weight": 0.3, "ramp_from": 0.5, "ramp_over": 0.4},
                # a falling ramp: all at 0.1 and below, nothing from 0.6
                {"feature": "acousticness", "weight": 0.2, "ramp_from": 0.6, "ramp_over": -0.5},
            ],
            "aliases": ["dance"],
        },
        "rest": {"terms": [{"feature": "loudness", "weight": 1.0, "target": -20.0, "width": 10.0}]},
    }
    settings = PlaylistSettings.model_validate({"moments": own})
    party = moment_named("dance", settings)
    assert party.name == "party"
    track = pd.DataFrame({"final": [0.4], "danceability": [0.7], "acousticness": [0.2]})
    assert moment_score(track, party, unknown_fit=0.25)[0] == pytest.approx(0.2 + 0.15 + 0.16)
    # a built-in name: the settings' moment stands in its place
    assert moments_of(settings)["rest"].terms[0].feature == "loudness"
    assert len(moments_of(settings)) == 6


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ({"feature": "mood", "weight": 1.0, "target": 0.5, "width": 0.1}, "feature"),
        ({"feature": "energy", "weight": 1.0, "target": 0.5}, "target and width"),
        ({"feature": "energy", "weight": 1.0, "ramp_from": 0.5}, "ramp_from and ramp_over"),
        ({"feature": "energy", "weight": 1.0, "target": 0.5, "ramp_from": 0.5}, "target and width"),
        ({"feature": "energy", "weight": 1.0, "ramp_from": 0.5, "ramp_over": 0.0}, "not be 0"),
        ({"feature": "energy", "weight": -1.0, "target": 0.5, "width": 0.1}, "weight"),
        ({"feature": "energy", "weight": 1.0, "target": 0.5, "width": 0.0}, "width"),
        (
            {"feature": "energy", "weight": 1.0, "target": 0.5, "width": 0.1, "ramp_from": 1.0},
            "target and width",
        ),
    ],
)
def test_an_impossible_moment_is_refused(term, told):
    with pytest.raises(ValidationError, match=told):
        PlaylistSettings.model_validate({"moments": {"own": {"terms": [term]}}})


@pytest.mark.parametrize(
    "moments",
    [
        {"a": {"aliases": ["b"]}, "b": {}},
        {"a": {"aliases": ["c"]}, "b": {"aliases": ["c"]}},
        {"Not A Name": {}},
        {"a": {"base": 0.0}},
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(moments):
    with pytest.raises(ValidationError):
        PlaylistSettings.model_validate({"moments": moments})
