"""Aggregate figures of a listening log, to calibrate and test the generator.

A log is three parallel arrays: listener, track, epoch seconds. Nothing here reads files.
"""

from dataclasses import dataclass

import numpy as np

from ritornello.arrays import Flags, Ints64

DAY = 86_400
SESSION_GAP = 1_800  # seconds without a play that end a session


@dataclass(frozen=True)
class Log:
    """Plays sorted by listener, then time, one per element of each array."""

    listener: Ints64
    track: Ints64
    second: Ints64

    @classmethod
    def of(cls, listener: Ints64, track: Ints64, second: Ints64) -> "Log":
        """Sort plays by listener, time, track."""
        order = np.lexsort((track, second, listener))
        return cls(*(np.asarray(a, np.int64)[order] for a in (listener, track, second)))

    def border(self) -> int:
        """Return the time at which the last tenth of all plays begins."""
        return int(np.sort(self.second)[int(0.9 * len(self.second))])


def figures(log: Log) -> dict[str, float]:
    """Compute every aggregate by name.

    Shares are in [0, 1], gaps in days.
    """
    return {
        **_lengths(log),
        **_repeats(log),
        **_tail(log),
        **_last_tenth(log),
        **_sessions(log),
        **_clock(log),
    }


def _lengths(log: Log) -> dict[str, float]:
    plays = np.unique(log.listener, return_counts=True)[1]
    return {
        "length_median": float(np.median(plays)),
        "length_mean": float(plays.mean()),
        "length_p80": float(np.quantile(plays, 0.8)),
    }


def _by_pair(log: Log) -> tuple[Ints64, Flags]:
    """Order plays by (listener, track, time), and flag the first of each pair."""
    order = np.lexsort((log.second, log.track, log.listener))
    user, track = log.listener[order], log.track[order]
    first = np.ones(len(order), bool)
    first[1:] = (user[1:] != user[:-1]) | (track[1:] != track[:-1])
    return order, first


def _repeats(log: Log) -> dict[str, float]:
    order, first = _by_pair(log)
    gaps = np.diff(log.second[order])[~first[1:]] / DAY
    plays = np.diff(np.append(np.flatnonzero(first), len(first)))
    q25, q50, q75 = np.quantile(gaps, [0.25, 0.5, 0.75])
    per_listener = np.bincount(log.listener, minlength=1)
    new = np.bincount(log.listener[order][first], minlength=len(per_listener))
    active = per_listener > 0
    return {
        "repeat_share": 1 - len(plays) / len(order),
        "repeat_share_median": float(np.median(1 - new[active] / per_listener[active])),
        "gap_q25": float(q25),
        "gap_median": float(q50),
        "gap_q75": float(q75),
        "gap_within_session": float((gaps < 0.1).mean()),
        "pairs_played_once": float((plays == 1).mean()),
        "tracks_per_1000": 1000 * len(plays) / len(order),
    }


def _tail(log: Log) -> dict[str, float]:
    counts = np.sort(np.unique(log.track, return_counts=True)[1])
    top = max(1, len(counts) // 100)
    rank = np.arange(1, len(counts) + 1)
    tracks = len(counts)
    gini = 2 * (rank * counts).sum() / (tracks * counts.sum()) - (tracks + 1) / tracks
    return {
        "top_percent_share": float(counts[-top:].sum() / counts.sum()),
        "tracks_under_5": float((counts < 5).mean()),
        "gini": float(gini),
        "listeners_per_track": _pairs(log) / len(counts),
    }


def _pairs(log: Log) -> int:
    return int(_by_pair(log)[1].sum())


def _last_tenth(log: Log) -> dict[str, float]:
    """Measure how much of the last tenth its listeners had never played before."""
    order, first = _by_pair(log)
    border = log.border()
    pair = np.cumsum(first) - 1
    late = log.second[order] >= border
    new = (log.second[order][first] >= border)[pair]
    late_pairs = np.unique(pair[late])
    known = np.unique(log.track[log.second < border])
    opened = log.track[order][first & late]
    return {
        "new_pairs_last_tenth": float(new[first][late_pairs].mean()),
        "new_plays_last_tenth": float((late & new).sum() / late.sum()),
        "unheard_of_new_pairs": float((~np.isin(opened, known)).sum() / max(1, len(opened))),
        "listeners_in_last_tenth": len(np.unique(log.listener[log.second >= border]))
        / len(np.unique(log.listener)),
    }


def _sessions(log: Log) -> dict[str, float]:
    gap = np.diff(log.second)
    opens = np.ones(len(log.second), bool)
    opens[1:] = (gap >= SESSION_GAP) | (np.diff(log.listener) != 0)
    sizes = np.diff(np.append(np.flatnonzero(opens), len(opens)))
    day = np.unique(np.stack([log.listener, log.second // DAY]), axis=1)
    return {
        "session_plays_mean": float(sizes.mean()),
        "session_plays_median": float(np.median(sizes)),
        "seconds_between_plays": float(np.median(gap[~opens[1:]])),
        "plays_per_active_day": len(log.second) / day.shape[1],
    }


def _clock(log: Log) -> dict[str, float]:
    hours = np.bincount(log.second // 3_600 % 24, minlength=24) / len(log.second)
    weekday = (log.second // DAY + 3) % 7  # 0 = Monday
    return {
        "night_share": float(hours[2:8].sum()),
        "busiest_hour_share": float(hours.max()),
        "weekend_share": float((weekday >= 5).mean()),
    }
