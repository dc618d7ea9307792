"""Moments: data that say what a list is for.

The built-in ones are the table of B2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ritornello.errors import UsageError
from ritornello.settings.playlists import MomentSettings, PlaylistSettings, Term


@dataclass(frozen=True)
class Moment:
    """A moment and its formula for scores.

    score = ``base`` * final score + sum of each term's weight * fit.
    """

    name: str
    base: float = 1.0
    terms: tuple[Term, ...] = ()
    aliases: tuple[str, ...] = ()

    def reweighted(self, weights: Mapping[str, float]) -> "Moment":
        """Return the moment with other weights.

        ``weights`` has ``base`` and features by name; the weights it does not name stay.
        """
        features = {term.feature for term in self.terms}
        unknown = sorted({*weights} - features - {"base"})
        if unknown:
            raise UsageError(
                f"moment {self.name} has no {', '.join(unknown)}: weigh base or a feature of the moment"
            )
        terms = [
            Term.model_validate(
                {**term.model_dump(), "weight": weights.get(term.feature, term.weight)}
            )
            for term in self.terms
        ]
        return replace(self, base=weights.get("base", self.base), terms=tuple(terms))


def _ramp(feature: str, weight: float, ramp_from: float, ramp_over: float) -> Term:
    return Term.model_validate(
        {"feature": feature, "weight": weight, "ramp_from": ramp_from, "ramp_over": ramp_over}
    )


def _near(feature: str, weight: float, target: float, width: float) -> Term:
    return Term.model_validate(
        {"feature": feature, "weight": weight, "target": target, "width": width}
    )


MOMENTS: dict[str, Moment] = {
    moment.name: moment
    for moment in (
        Moment("default"),
        Moment("workout", 0.4, (_ramp("tempo", 0.4, 120, 60), _ramp("valence", 0.2, 0.5, 0.5))),
        Moment(
            "focus",
            0.6,
            (_near("tempo", 0.25, 100, 40), _near("valence", 0.15, 0.4, 0.4)),
            aliases=("study",),
        ),
        Moment("walk", 0.5, (_ramp("tempo", 0.3, 90, 40), _ramp("valence", 0.2, 0.4, 0.4))),
        Moment(
            "rest",
            0.5,
            (_near("tempo", 0.3, 80, 40), _near("valence", 0.2, 0.35, 0.35)),
            aliases=("chill",),
        ),
    )
}


def moments_of(settings: PlaylistSettings) -> dict[str, Moment]:
    """Return every moment by name.

    The built-in ones come first, then those of the settings, which win.
    """
    own = {name: _from_settings(name, moment) for name, moment in settings.moments.items()}
    return {**MOMENTS, **own}


def moment_named(name: str, settings: PlaylistSettings) -> Moment:
    """Return the moment with this name or alias.

    A name takes precedence over an alias, and the settings over B2.
    """
    known = moments_of(settings)
    if name in known:
        return known[name]
    for moment in reversed(known.values()):
        if name in moment.aliases:
            return moment
    raise UsageError(f"no moment is called {name!r}: choose one of {', '.join(known)}")


def _from_settings(name: str, moment: MomentSettings) -> Moment:
    return Moment(name, moment.base, tuple(moment.terms), tuple(moment.aliases))
