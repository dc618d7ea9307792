"""Simple popularity orders and their NDCG on the last tenth of a log.

Only good for the order of the methods on generated plays: a smoke test, not an evaluation.
"""

import numpy as np

from ritornello.arrays import Floats64, Ints64
from ritornello.generator.figures import DAY, Log

HALF_LIVES = (14, 30, 60)
WINDOWS = (50, 500, 2_000)


def baseline_ndcg(log: Log, *, at: int = 40) -> dict[str, float]:
    """Return each method's mean NDCG over listeners with late plays.

    Late plays are those in the last tenth. The gain is 1 per distinct track. Of equal scores the
    most recently played track comes first. Lists are filled up with the most popular tracks, so a
    listener without a history gets only those.
    """
    border = log.border()
    counts = np.bincount(log.track[log.second < border], minlength=int(log.track.max()) + 1)
    popular = np.argsort(-counts, kind="stable")[: at + 1]
    starts = np.flatnonzero(np.append(True, np.diff(log.listener) != 0))
    scores: dict[str, list[float]] = {}
    for low, high in zip(starts, np.append(starts[1:], len(log.track)), strict=True):
        split = low + int(np.searchsorted(log.second[low:high], border))
        if split == high:
            continue
        later = np.unique(log.track[split:high])
        lists = _lists(log.track[low:split], (border - log.second[low:split]) / DAY, at)
        for method, best in lists.items():
            scores.setdefault(method, []).append(_ndcg(_filled(best, popular, at), later, at))
    return {method: float(np.mean(values)) for method, values in scores.items()}


def _lists(track: Ints64, age: Floats64, at: int) -> dict[str, Ints64]:
    """Return the best tracks of one listener by each method.

    Plays must come oldest first.
    """
    tracks, place = np.unique(track, return_inverse=True)
    last = np.zeros(len(tracks))
    np.maximum.at(last, place, np.arange(len(place), dtype=float))
    weights: dict[str, Floats64] = {"all": np.ones(len(track))}
    back = np.arange(len(track))[::-1]
    weights |= {f"last {n}": (back < n).astype(float) for n in WINDOWS}
    weights |= {f"{days} d": np.exp2(-age / days) for days in HALF_LIVES}
    lists = {"most popular": tracks[:0]}
    for method, weight in weights.items():
        score = np.bincount(place, weight, minlength=len(tracks))
        order = np.lexsort((-last, -score))[:at]
        lists[method] = tracks[order[score[order] > 0]]
    return lists


def _filled(best: Ints64, popular: Ints64, at: int) -> Ints64:
    rest = popular[~np.isin(popular, best)]
    return np.asarray(np.concatenate([best, rest])[:at], np.int64)


def _ndcg(best: Ints64, later: Ints64, at: int) -> float:
    discount = 1 / np.log2(np.arange(2, at + 2))
    hits = np.isin(best, later)
    return float((discount[: len(best)] * hits).sum() / discount[: len(later)].sum())
