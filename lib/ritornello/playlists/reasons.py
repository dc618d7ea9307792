"""Explain why a track is on the list, in words a listener understands."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ritornello.playlists.moments import Moment
from ritornello.playlists.rest import utc
from ritornello.playlists.scores import fit, numbers
from ritornello.settings.playlists import Term

SOURCES: Mapping[str, str] = {
    "als": "people with your taste play it",
    "own_artists": "by an artist you play",
    "transitions": "it often follows what you play",
    "similar": "it resembles what you play",
    "sequence": "it goes on from what you played last",
    "popular": "much played of late",
}
SUITS = 0.5
ALIKE = 0.75


def reasons(chosen: pd.DataFrame, moment: Moment) -> list[str]:
    """Return one sentence per row about the history and the sound.

    The history is what the listener had to do with the track.
    """
    age = (utc(chosen, "as_of") - utc(chosen, "last_played_at")).dt.total_seconds() / 86_400
    facts = zip(
        chosen["is_repeat"].tolist(),
        numbers(chosen, "plays").tolist(),
        age.tolist(),
        chosen["source"].tolist() if "source" in chosen else [None] * len(chosen),
        strict=True,
    )
    sounds = _sounds(chosen, moment)
    histories = (_history(*row) for row in facts)
    return [f"{history}; {sound}" for history, sound in zip(histories, sounds, strict=True)]


def _history(is_repeat: bool, plays: float, age_days: float, source: Any) -> str:
    if not is_repeat:
        names = str(source or "").split("+")
        known = next((words for name, words in SOURCES.items() if name in names), None)
        return f"new to you, {known}" if known else "new to you"
    often = "you played it before"
    if plays >= 1:
        often = f"you played it {_times(int(plays))}"
    return often if math.isnan(age_days) else f"{often}, last {_ago(age_days)}"


def _times(plays: int) -> str:
    return {1: "once", 2: "twice"}.get(plays, f"{plays:,} times")


def _ago(days: float) -> str:
    if days < 1:
        return "within a day"
    if days < 14:
        return f"{int(days)} {'day' if int(days) == 1 else 'days'} ago"
    if days < 60:
        return f"{int(days / 7)} weeks ago"
    return f"{round(days / 30.44)} months ago"


def _sounds(chosen: pd.DataFrame, moment: Moment) -> list[str]:
    if moment.terms:
        values = [numbers(chosen, term.feature).tolist() for term in moment.terms]
        fits = [
            fit(numbers(chosen, term.feature), term, unknown=0.0).tolist() for term in moment.terms
        ]
        return [
            _fitting(moment, [v[row] for v in values], [f[row] for f in fits])
            for row in range(len(chosen))
        ]
    columns = ("tempo", "tempo_sim", "valence", "valence_sim")
    return [
        _alike(*row) for row in zip(*(numbers(chosen, c).tolist() for c in columns), strict=True)
    ]


def _fitting(moment: Moment, values: list[float], fits: list[float]) -> str:
    """Describe the known term that adds most to the score."""
    known = [
        (term.weight * fits[n], fits[n], values[n], term)
        for n, term in enumerate(moment.terms)
        if not math.isnan(values[n])
    ]
    if not known:
        return "its sound is unknown"
    _, best_fit, value, term = max(known, key=lambda one: one[0])
    if best_fit < SUITS:
        return f"chosen for your taste rather than for {moment.name}"
    return f"{_said(term, value)} suits {moment.name}"


def _said(term: Term, value: float) -> str:
    if term.feature == "tempo":
        return f"{value:.0f} bpm"
    unit = " dB" if term.feature == "loudness" else ""
    return f"{term.feature} {value:.2f}{unit}"


def _alike(tempo: float, tempo_sim: float, valence: float, valence_sim: float) -> str:
    if math.isnan(tempo) and math.isnan(valence):
        return "its sound is unknown"
    close = [
        words
        for value, sim, words in (
            (tempo, tempo_sim, f"{tempo:.0f} bpm"),
            (valence, valence_sim, f"valence {valence:.2f}"),
        )
        if not math.isnan(value) and sim >= ALIKE
    ]
    return f"{' and '.join(close)} as you like it" if close else "another sound than usual"
