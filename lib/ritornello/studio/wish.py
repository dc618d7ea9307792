"""A wish, and the playlist that answers it."""

from dataclasses import dataclass

import pandas as pd

from ritornello.playlists.choose import choose
from ritornello.playlists.moments import Moment, moment_named
from ritornello.settings.playlists import PlaylistSettings, ScoreWeights
from ritornello.studio.desk import Case


@dataclass(frozen=True)
class Wish:
    """One panel of settings.

    The weights are those of B2's final score: base, tempo, valence.
    """

    moment: str = "default"
    length: int = 10
    discovery: float = 0.3
    base: float = 0.6
    tempo: float = 0.2
    valence: float = 0.2

    def settings(self, usual: PlaylistSettings) -> PlaylistSettings:
        """Return the usual settings with this wish in them.

        They are checked as any settings are.
        """
        weights = {"base": self.base, "tempo": self.tempo, "valence": self.valence}
        changed = {**usual.model_dump(), "discovery": self.discovery, "weights": weights}
        return PlaylistSettings.model_validate(changed)


@dataclass(frozen=True)
class Answer:
    """A playlist and the wish it answers.

    The rows are as `choose` returns them. ``best`` is the highest score that a track can have.
    """

    wish: Wish
    title: str
    playlist: pd.DataFrame
    best: float

    @property
    def sentence(self) -> str:
        """Count the tracks, and those the listener never played, in words."""
        new = int((~self.playlist["is_repeat"].astype(bool)).sum())
        count = len(self.playlist)
        short = f", {self.wish.length} were wished for" if count < self.wish.length else ""
        return f"{count} {'track' if count == 1 else 'tracks'}, {new} new to you{short}"


def answer(case: Case, wish: Wish, usual: PlaylistSettings) -> Answer:
    """Make the playlist for a wish."""
    settings = wish.settings(usual)
    moment = moment_named(wish.moment, settings)
    playlist = choose(
        case.candidates,
        moment=moment,
        settings=settings,
        length=wish.length,
        day=case.as_of.date(),
        seed=settings.seed,
    )
    title = f"{moment.name.capitalize()} for {case.listener.title}"
    return Answer(wish, title, playlist, best_score(moment, settings.weights))


def best_score(moment: Moment, weights: ScoreWeights) -> float:
    """Return the score of a track that fits in everything."""
    final = weights.base + weights.tempo + weights.valence
    return moment.base * final + sum(term.weight for term in moment.terms)


def changed(one: Answer, other: Answer) -> str:
    """Say in words what two playlists have in common."""
    shared = set(one.playlist["track_id"]) & set(other.playlist["track_id"])
    count = str(len(shared)) if shared else "no"
    return f"{count} {'track stands' if len(shared) < 2 else 'tracks stand'} in both lists"
