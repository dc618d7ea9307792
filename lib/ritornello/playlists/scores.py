"""Score candidate rows as in B2.

The scores are base, likeness to the taste, final, and the moment's score. A frame may hold one
listener's rows or those of many: scores are scaled within ``user_id`` where that column exists.
Missing values are NaN; a likeness to them is 0.5, their fit a setting.
"""

import numpy as np
import pandas as pd

from ritornello.arrays import Floats64, Ints64
from ritornello.playlists.moments import Moment
from ritornello.settings.playlists import PlaylistSettings, ScoreWeights, Term

UNKNOWN = 0.5


def numbers(frame: pd.DataFrame, column: str) -> Floats64:
    """Return a column as floats, with missing values and columns as NaN."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[column], errors="coerce")
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def scaled(scores: Floats64, listeners: Ints64) -> Floats64:
    """Scale each listener's scores to [0, 1].

    The result is 0.5 where all scores are equal, and where one is missing.
    """
    rows = pd.Series(scores).groupby(listeners)
    low, high = rows.transform("min").to_numpy(), rows.transform("max").to_numpy()
    spread = high - low
    varied = spread > 0
    moved = (scores - low) / np.where(varied, spread, 1.0)
    return np.where(varied & ~np.isnan(scores), moved, UNKNOWN)


def similarity(values: Floats64, taste: Floats64, width: float) -> Floats64:
    """Return max(0, 1 - |value - taste| / width).

    The result is 0.5 where either is missing.
    """
    near = np.maximum(0.0, 1.0 - np.abs(values - taste) / width)
    return np.where(np.isnan(near), UNKNOWN, near)


def fit(values: Floats64, term: Term, *, unknown: float) -> Floats64:
    """Return how well the values fit a moment's term.

    The fit is clipped to [0, 1] and is ``unknown`` where a value is missing.
    """
    if term.target is not None and term.width is not None:
        raw = 1.0 - np.abs(values - term.target) / term.width
    else:
        assert term.ramp_from is not None
        assert term.ramp_over is not None
        raw = (values - term.ramp_from) / term.ramp_over
    return np.where(np.isnan(raw), unknown, np.clip(raw, 0.0, 1.0))


def final_score(
    base: Floats64, tempo_sim: Floats64, valence_sim: Floats64, weights: ScoreWeights
) -> Floats64:
    """Return the weighted sum of base, tempo_sim and valence_sim.

    With the published weights it is 0.6 base + 0.2 tempo_sim + 0.2 valence_sim.
    """
    score: Floats64 = (
        weights.base * base + weights.tempo * tempo_sim + weights.valence * valence_sim
    )
    return score


def moment_score(candidates: pd.DataFrame, moment: Moment, *, unknown_fit: float) -> Floats64:
    """Return the moment's share of ``final`` plus its terms."""
    score = moment.base * numbers(candidates, "final")
    for term in moment.terms:
        score = score + term.weight * fit(
            numbers(candidates, term.feature), term, unknown=unknown_fit
        )
    return score


def score_candidates(
    candidates: pd.DataFrame, *, moment: Moment, settings: PlaylistSettings
) -> pd.DataFrame:
    """Add base, tempo_sim, valence_sim, final and moment_score to the rows.

    The rows keep their order. ``base`` is kept where the column exists; else it is
    ``recommendation_score``, scaled. The likenesses and the final score are always computed anew,
    with the weights of ``settings``.
    """
    if "base" in candidates:
        base = numbers(candidates, "base")
        base = np.where(np.isnan(base), UNKNOWN, base)
    else:
        base = scaled(numbers(candidates, "recommendation_score"), listeners_of(candidates))
    tempo_sim = similarity(
        numbers(candidates, "tempo"), numbers(candidates, "taste_tempo"), settings.tempo_width
    )
    valence_sim = similarity(
        numbers(candidates, "valence"), numbers(candidates, "taste_valence"), settings.valence_width
    )
    final = final_score(base, tempo_sim, valence_sim, settings.weights)
    scored = candidates.assign(base=base, tempo_sim=tempo_sim, valence_sim=valence_sim, final=final)
    return scored.assign(
        moment_score=moment_score(scored, moment, unknown_fit=settings.unknown_fit)
    )


def listeners_of(candidates: pd.DataFrame) -> Ints64:
    """Return the listener of each row.

    Without ``user_id`` all rows belong to one listener.
    """
    if "user_id" not in candidates:
        return np.zeros(len(candidates), dtype=np.int64)
    return candidates["user_id"].to_numpy(dtype=np.int64)
