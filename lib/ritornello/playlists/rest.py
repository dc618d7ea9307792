"""Find the songs that must rest because they came up recently.

A song rests for some hours after it was heard, and for some nights after it was listed for the moment.
"""

from datetime import date

import numpy as np
import pandas as pd

from ritornello.arrays import Flags, Ints64
from ritornello.playlists.moments import Moment
from ritornello.playlists.scores import listeners_of
from ritornello.settings.playlists import PlaylistSettings


def utc(frame: pd.DataFrame, column: str) -> "pd.Series[pd.Timestamp]":
    """Return a column of times as UTC.

    Naive times are taken as UTC; missing times and missing columns are NaT.
    """
    if column not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns, UTC]")
    return pd.to_datetime(frame[column], utc=True).astype("datetime64[ns, UTC]")


def resting(
    candidates: pd.DataFrame,
    songs: Ints64,
    *,
    moment: Moment,
    settings: PlaylistSettings,
    day: date,
) -> Flags:
    """Return whether each row's song rests for its listener.

    Any version of the song counts. A song rests if it was heard, with ``last_played_at`` less than
    ``cooldown_hours`` before ``as_of`` (midnight of the day where that column is missing), or if it
    was listed, with the moment in ``listed_moments``.
    """
    tired = _heard(candidates, settings, day) | _listed(candidates, moment)
    of_song = [listeners_of(candidates), songs]
    return pd.Series(tired).groupby(of_song).transform("any").to_numpy(dtype=bool)


def _heard(candidates: pd.DataFrame, settings: PlaylistSettings, day: date) -> Flags:
    if settings.cooldown_hours == 0:
        return np.zeros(len(candidates), dtype=bool)
    midnight = pd.Timestamp(day.isoformat(), tz="UTC")
    instant = utc(candidates, "as_of").fillna(midnight)
    since = instant - pd.Timedelta(hours=settings.cooldown_hours)
    return (utc(candidates, "last_played_at") > since).to_numpy(dtype=bool)


def _listed(candidates: pd.DataFrame, moment: Moment) -> Flags:
    if "listed_moments" not in candidates:
        return np.zeros(len(candidates), dtype=bool)
    listed = candidates["listed_moments"].tolist()
    flags = (not isinstance(names, float | None) and moment.name in names for names in listed)
    return np.fromiter(flags, dtype=bool, count=len(listed))
