import numpy as np
import pytest

from ritornello.generator.verdicts import with_verdicts
from ritornello.settings.generator import GeneratorSettings

RNG = np.random.default_rng(1)
TRACK = np.minimum(RNG.geometric(0.02, 5_000), 300)
SECOND = np.arange(5_000) * 60


def told(**shares):
    settings = GeneratorSettings(seed=3, **shares)
    return with_verdicts(7, TRACK, SECOND, settings)


def test_without_shares_every_play_stays():
    track, second, weight = told()
    assert (track == TRACK).all()
    assert (second == SECOND).all()
    assert set(weight) == {1}


def test_what_tires_is_skipped_and_never_heard_again():
    track, second, weight = told(skip_share=0.3)
    assert (np.diff(second) > 0).all()
    tired = {*track[weight == -1]}
    assert 50 < len(tired) < 120  # of some 250 tracks
    for one in tired:
        mine = weight[track == one]
        first = np.argmax(mine == -1)
        assert first >= 1
        assert 1 <= len(mine) - first <= 3
        assert {*mine[first:]} == {-1}
    others = ~np.isin(TRACK, [*tired])
    assert len(track[~np.isin(track, [*tired])]) == others.sum()


def test_a_disliked_track_was_heard_once_and_a_liked_one_stays():
    track, _, weight = told(dislike_share=0.2, like_share=0.5)
    for one in {*track[weight == -2]}:
        assert weight[track == one].tolist() == [1, -2]
    liked = {*track[weight == 2]}
    assert len(liked) > 50
    for one in liked:
        assert (weight[track == one] == 2).sum() == 1
        assert (track == one).sum() == (one == TRACK).sum() >= 5


def test_the_same_seed_gives_the_same():
    for one, other in zip(told(skip_share=0.2), told(skip_share=0.2), strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_between_0_and_1(share):
    with pytest.raises(ValueError, match="skip_share"):
        GeneratorSettings(skip_share=share)
