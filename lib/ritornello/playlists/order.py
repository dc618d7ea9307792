"""Order a list by score while steps between neighbours stay small."""

import numpy as np
import pandas as pd

from ritornello.arrays import Floats64
from ritornello.playlists.scores import numbers
from ritornello.settings.playlists import SmoothSettings

SOUND = ("tempo", "energy", "key", "mode")
SEMITONES = 12
FIFTH = 7  # semitones
TO_RELATIVE_MAJOR = 3  # semitones up from a minor key
BETTER = 1e-9  # smaller gains are rounding


def key_steps(key: Floats64, mode: Floats64) -> Floats64:
    """Return the steps between every two keys.

    They go around the circle of fifths, and a change of mode adds one. ``key`` is the pitch class
    (0 = C), ``mode`` 1 for major, 0 for minor; a minor key has the place of its relative major. NaN
    where a key (or its mode) is missing or outside 0 to 11.
    """
    known = np.where((key >= 0) & (key < SEMITONES) & ((mode == 0) | (mode == 1)), key, np.nan)
    major = known + np.where(mode == 0, TO_RELATIVE_MAJOR, 0)
    place = (major * FIFTH) % SEMITONES
    apart = np.abs(place[:, None] - place[None, :])
    around = np.minimum(apart, SEMITONES - apart)
    steps: Floats64 = around + (mode[:, None] != mode[None, :])
    return steps


def sounds_of(candidates: pd.DataFrame) -> Floats64:
    """Return one row per track of what steps are measured in.

    The columns are tempo, energy, key and mode, with NaN where missing.
    """
    return np.column_stack([numbers(candidates, name) for name in SOUND])


def excess(sounds: Floats64, settings: SmoothSettings) -> Floats64:
    """Return how far the step between every two tracks exceeds its bounds.

    The unit is the bound; unknown steps give 0.
    """
    tempo, energy, key, mode = sounds.T
    steps = np.stack(
        (
            np.abs(tempo[:, None] - tempo[None, :]) / settings.max_tempo_step,
            np.abs(energy[:, None] - energy[None, :]) / settings.max_energy_step,
            key_steps(key, mode) / settings.max_key_step,
        )
    )
    over: Floats64 = np.where(steps > 1, steps - 1, 0.0).sum(axis=0)
    return over


def smooth_order(sounds: Floats64, settings: SmoothSettings) -> list[int]:
    """Return the places of the tracks in an order of bounded steps.

    The tracks come in best first. The best track opens. Each time, the best one that is a bounded
    step away follows, or the nearest if there is none. Then single tracks move as long as that
    mends broken steps. This is best effort, and always the same for the same rows.
    """
    count = len(sounds)
    if not settings.enabled or count < 3:
        return list(range(count))
    over: list[list[float]] = excess(sounds, settings).tolist()
    order = _chain(over)
    for _ in order:
        saving, at, to = _best_move(order, over)
        if saving < BETTER:
            break
        order.insert(to, order.pop(at))
    return order


def _chain(over: list[list[float]]) -> list[int]:
    order, left = [0], list(range(1, len(over)))
    while left:
        here = over[order[-1]]
        order.append(min(left, key=lambda row: (here[row], row)))
        left.remove(order[-1])
    return order


def _best_move(order: list[int], over: list[list[float]]) -> tuple[float, int, int]:
    """Find the move of one track that saves most.

    Returns the saving, the track's place and its new place. The first track never moves.
    """
    best = (0.0, 0, 0)
    for at in range(1, len(order)):
        track, rest = order[at], order[:at] + order[at + 1 :]
        freed = _added(rest, at, track, over)
        for to in range(1, len(order)):
            saving = freed - _added(rest, to, track, over)
            if saving > best[0] + BETTER:
                best = (saving, at, to)
    return best


def _added(rest: list[int], to: int, track: int, over: list[list[float]]) -> float:
    """Return what a track adds before place ``to`` of the others."""
    before = rest[to - 1]
    if to == len(rest):
        return over[before][track]
    return over[before][track] + over[track][rest[to]] - over[before][rest[to]]
