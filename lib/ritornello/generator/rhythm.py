"""The times at which a listener plays: days, sessions, hours and pauses."""

import numpy as np

from ritornello.arrays import Floats64, Ints64
from ritornello.settings.generator import GeneratorSettings

DAY = 86_400
LONGEST_STEP = 1_700  # seconds: within a session plays are less than half an hour apart


def play_seconds(rng: np.random.Generator, plays: int, settings: GeneratorSettings) -> Floats64:
    """Return ascending seconds since the log began, one per play."""
    sizes = _session_sizes(rng, plays, settings)
    starts = _session_starts(rng, len(sizes), settings)
    steps = np.minimum(rng.lognormal(np.log(180), 0.4, plays) + 3, LONGEST_STEP)
    paused = rng.random(plays) < 0.03
    steps[paused] = np.minimum(steps[paused] * rng.uniform(1, 6, int(paused.sum())), LONGEST_STEP)
    opens = np.cumsum(sizes) - sizes
    before = np.concatenate([[0.0], np.cumsum(steps)])
    within = before[:-1] - np.repeat(before[opens], sizes)
    lengths = np.diff(np.append(before[opens], before[-1]))
    starts = _without_overlap(starts, lengths, settings.days * DAY - 1.0)
    return np.asarray(np.repeat(starts, sizes) + within, np.float64)


def _session_sizes(rng: np.random.Generator, plays: int, settings: GeneratorSettings) -> Ints64:
    """Draw how many plays each session has, summing to ``plays``.

    Listeners who play little have short sessions.
    """
    habit = (min(plays, 30_000) / 15_000) ** 0.2 * rng.lognormal(0, 0.35)
    median = max(1.5, settings.session_plays * habit)
    sizes = np.zeros(0, np.int64)
    while sizes.sum() < plays:
        draws = int(1.2 * (plays - sizes.sum()) / median) + 4
        more = np.ceil(rng.lognormal(np.log(median), settings.session_spread, draws))
        sizes = np.concatenate([sizes, np.clip(more, 1, 120).astype(np.int64)])
    ends = np.cumsum(sizes)
    last = int(np.searchsorted(ends, plays))
    sizes[last] -= ends[last] - plays
    return np.asarray(sizes[: last + 1], np.int64)


def _session_starts(
    rng: np.random.Generator, sessions: int, settings: GeneratorSettings
) -> Floats64:
    activity = np.cumsum(_activity(rng, settings))
    day = np.searchsorted(activity, rng.random(sessions) * activity[-1], side="right")
    return np.asarray(np.sort(day * DAY + _hours(rng, sessions) * 3_600), np.float64)


def _activity(rng: np.random.Generator, settings: GeneratorSettings) -> Floats64:
    """Draw how much music each day holds.

    Slow moods, weekends, silences, joining and leaving make the days differ.
    """
    days = settings.days
    noise = rng.normal(0, settings.day_spread, days + 20)
    slow = np.convolve(noise, np.exp(-np.arange(21) / 6.0), "valid") / 1.9
    fast = rng.normal(0, settings.day_spread * 0.7, days)
    weekday = (np.arange(days) + settings.last_day.weekday() - days) % 7
    weekend = np.where(weekday >= 5, rng.lognormal(-0.22, 0.4), 1.0)
    activity = np.exp(slow + fast) * weekend
    if rng.random() < settings.silence_share:
        for start in rng.integers(0, days, 2):
            activity[start : start + int(rng.integers(5, 35))] *= 0.02
    if rng.random() < settings.newcomer_share:
        activity[: int(days * rng.uniform(0, 0.75))] = 0
    elif rng.random() < settings.leaver_share:
        activity[int(days * rng.uniform(0.3, 0.95)) :] = 0
    return np.asarray(activity, np.float64)


def _hours(rng: np.random.Generator, sessions: int) -> Floats64:
    """Draw the hour of each session.

    Most are near a main or a second peak of the listener's day, some are anywhere.
    """
    evening = rng.normal(17, 5) % 24
    morning = (evening - rng.uniform(5, 10)) % 24
    pick = rng.choice(3, sessions, p=[0.5, 0.28, 0.22])
    peaked = rng.normal(np.array([evening, morning, 0.0])[pick], 2.2)
    return np.asarray(np.where(pick == 2, rng.uniform(0, 24, sessions), peaked) % 24, np.float64)


def _without_overlap(starts: Floats64, lengths: Floats64, end: float) -> Floats64:
    """Push sessions apart, so that each begins after the previous one has ended.

    All of them end before ``end``.
    """
    passed = np.cumsum(lengths) - lengths
    later = np.maximum.accumulate(starts - passed) + passed
    room = end - np.cumsum(lengths[::-1])[::-1]
    return np.asarray(np.minimum(later, room), np.float64)
