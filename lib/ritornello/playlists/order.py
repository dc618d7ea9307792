"""The order of a list: by score as far as the steps between neighbours stay small."""

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
    """Steps between every two keys: around the circle of fifths, and one for a change of mode.

    ``key`` is the pitch class (0 = C), ``mode`` 1 for major, 0 for minor; a minor key stands where
    its relative major does. NaN where a key (or its mode) is missing or outside 0 to 11.
    """
    known = np.where((key >= 0) & (key < SEMITONES) & ((mode == 0) | (mode == 1)), key, np.nan)
    major = known + np.where(mode == 0, TO_RELATIVE_MAJOR, 0)
    place = (major * FIFTH) % SEMITONES
    apart = np.abs(place[:, None] - place[None, :])
    around = np.minimum(apart, SEMITONES - apart)
    steps: Floats64 = around + (mode[:, None] != mode[None, :])
    return steps


def sounds_of(candidates: pd.DataFrame) -> Floats64:
    """A row per track of what steps are measured in: tempo, energy, key, mode; NaN where missing."""
    return np.column_stack([numbers(candidates, name) for name in SOUND])


def excess(sounds: Floats64, settings: SmoothSettings) -> Floats64:
    """How far the step between every two tracks is over its bounds, in bounds; 0 where unknown."""
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
    """Places of the tracks, which come best first, in an order of bounded steps.

    The best track opens; each time the best that is a bounded step away follows, or the nearest
    where there is none; then single tracks move as long as that mends broken steps. Best effort,
    always the same for the same rows.
    """
    count = len(sounds)
    if not settings.enabled or count < 3:
        return list(range(count))
    over: list[list[float]] = excess(sounds, settings).tolist()
    order = _followed(over)
    for _ in order:
        saving, at, to = _best_move(order, over)
        if saving < BETTER:
            break
        order.insert(to, order.pop(at))
    return order


def _followed(over: list[list[float]]) -> list[int]:
    order, left = [0], list(range(1, len(over)))
    while left:
        here = over[order[-1]]
        order.append(min(left, key=lambda row: (here[row], row)))
        left.remove(order[-1])
    return order


def _best_move(order: list[int], over: list[list[float]]) -> tuple[float, int, int]:
    """What is saved at most by moving one track (never the first), its place and the new one."""
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
    """What a track adds where it is put before the place ``to`` of the others."""
    before = rest[to - 1]
    if to == len(rest):
        return over[before][track]
    return over[before][track] + over[track][rest[to]] - over[before][rest[to]]


def broken_steps(sounds: Floats64, settings: SmoothSettings) -> int:
    """How many steps of the list, in its order, are over a bound."""
    return int(np.count_nonzero(np.diagonal(excess(sounds, settings), offset=1)))
