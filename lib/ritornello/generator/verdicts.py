"""Plant skips, likes and dislikes among the plays of a listener."""

import numpy as np

from ritornello.arrays import Ints32, Ints64
from ritornello.generator.streams import VERDICTS, stream
from ritornello.settings.generator import GeneratorSettings
from ritornello.tables.contracts import DISLIKE, LIKE, PLAY, SKIP

LEAST_TO_TIRE, LEAST_TO_LIKE, MOST_SKIPS = 3, 5, 3


def with_verdicts(
    listener: int, track: Ints64, second: Ints64, settings: GeneratorSettings
) -> tuple[Ints64, Ints64, Ints32]:
    """Return the tracks, seconds and weights of a listener's entries, in time order.

    The listener tires of a share of the tracks: from some play on the track is skipped, at most three
    times, and is not heard again. Other tracks are disliked in place of the second play, and not heard
    again either. Of the remaining tracks that are played often, a share is liked at the second play.
    ``track`` and ``second`` are plays in time order. If all shares are 0, every play stays.
    """
    weight = np.full(len(track), PLAY, np.int32)
    shares = (settings.skip_share, settings.like_share, settings.dislike_share)
    if not len(track) or not any(shares):
        return track, second, weight
    rng = stream(settings.seed, VERDICTS, listener)
    _, pair, plays = np.unique(track, return_inverse=True, return_counts=True)
    nth = _nth_of(pair, plays)
    draw = rng.random(len(plays))
    disliked = (draw < settings.dislike_share) & (plays > 1)
    tired = (draw > 1 - settings.skip_share) & (plays >= LEAST_TO_TIRE) & ~disliked
    stays = ~(disliked | tired)
    liked = stays & (rng.random(len(plays)) < settings.like_share) & (plays >= LEAST_TO_LIKE)
    last = 1 + (rng.random(len(plays)) * (plays - 1)).astype(np.int64)  # plays before it tires
    last = np.where(disliked, 1, np.where(tired, last, plays))
    said = np.where(disliked, 1, np.where(tired, rng.integers(1, MOST_SKIPS + 1, len(plays)), 0))
    weight[nth >= last[pair]] = SKIP
    weight[(nth == 1) & disliked[pair]] = DISLIKE
    weight[(nth == 1) & liked[pair]] = LIKE
    kept = nth < (last + said)[pair]
    return track[kept], second[kept], weight[kept]


def _nth_of(pair: Ints64, plays: Ints64) -> Ints64:
    """Return the place of each play among the plays of its track, from 0."""
    order = np.argsort(pair, kind="stable")
    nth = np.empty(len(pair), np.int64)
    nth[order] = np.arange(len(pair)) - np.repeat(np.cumsum(plays) - plays, plays)
    return nth
