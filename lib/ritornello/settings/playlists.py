"""Settings of playlists: moments, weights and limits, without Spark."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ritornello.settings.section import Section

AudioFeature = Literal[
    "tempo",
    "valence",
    "energy",
    "danceability",
    "loudness",
    "acousticness",
    "instrumentalness",
    "speechiness",
    "liveness",
]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
MomentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
MIN_LENGTH, MAX_LENGTH = 5, 20


class Term(Section):
    """One audio feature's fit to a moment, from 0 to 1.

    The fit is either near a target or along a ramp.
    """

    feature: AudioFeature = Field(description="audio feature that the term looks at")
    weight: Weight = Field(description="weight of the term in the moment's score")
    target: Number | None = Field(
        None, description="value that fits fully; the fit falls to 0 at `width` away from it"
    )
    width: Positive | None = Field(
        None, description="distance from the target at which the fit is 0"
    )
    ramp_from: Number | None = Field(
        None, description="value where the ramp starts; here and before it the fit is 0"
    )
    ramp_over: Number | None = Field(
        None, description="length of the ramp up to a full fit; negative: towards smaller values"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        near = self.target is not None and self.width is not None
        ramp = self.ramp_from is not None and self.ramp_over is not None
        values = [self.target, self.width, self.ramp_from, self.ramp_over]
        if near == ramp or sum(value is not None for value in values) != 2:
            raise ValueError("a term needs either target and width, or ramp_from and ramp_over")
        if self.ramp_over == 0:
            raise ValueError("ramp_over must not be 0")
        return self


class MomentSettings(Section):
    """A moment's score: a weight of the final score plus audio terms."""

    base: Weight = Field(1.0, description="weight of the final score")
    terms: list[Term] = Field([], description="audio features that suit the moment")
    aliases: list[MomentName] = Field([], description="other names of the moment")

    @model_validator(mode="after")
    def _weighs_something(self) -> Self:
        if self.base + sum(term.weight for term in self.terms) == 0:
            raise ValueError("a moment needs a base or a term with a weight above 0")
        return self


class ScoreWeights(Section):
    """Weights of the final score: base, tempo_sim and valence_sim (formulas B2)."""

    base: Weight = Field(0.6, description="weight of the recommendation's score, scaled to [0, 1]")
    tempo: Weight = Field(0.2, description="weight of the likeness to the listener's tempo")
    valence: Weight = Field(0.2, description="weight of the likeness to the listener's valence")

    @model_validator(mode="after")
    def _weighs_something(self) -> Self:
        if self.base + self.tempo + self.valence == 0:
            raise ValueError("at least one weight must be above 0")
        return self


class SmoothSettings(Section):
    """Largest steps between neighbouring tracks of a list.

    They are kept as far as the chosen tracks allow.
    """

    enabled: bool = Field(True, description="false keeps the order of the scores")
    max_tempo_step: Positive = Field(
        20.0, description="largest step of tempo in bpm, small enough to keep walking in time"
    )
    max_key_step: Positive = Field(
        2.0,
        description="largest number of steps on the circle of fifths; a change of mode is one more",
    )
    max_energy_step: Positive = Field(
        0.25, description="largest step of energy, on a scale from 0 to 1"
    )


class PlaylistSettings(Section):
    """Scores, limits and order of the playlists for each moment."""

    length: int = Field(10, ge=MIN_LENGTH, le=MAX_LENGTH, description="number of tracks per list")
    weights: ScoreWeights = ScoreWeights()
    tempo_width: Positive = Field(
        80.0, description="bpm away from the listener's mean tempo at which the likeness is 0"
    )
    valence_width: Positive = Field(
        1.0, description="distance from the listener's mean valence at which the likeness is 0"
    )
    unknown_fit: float = Field(
        0.25,
        ge=0,
        le=1,
        description="fit of a track of unknown sound to a moment's term; at 0.5 such tracks filled the "
        "workouts, because most known tracks fit less",
    )
    moments: dict[MomentName, MomentSettings] = Field(
        {}, description="further moments, by name; a built-in name replaces that moment"
    )
    artist_cap: int = Field(2, ge=1, description="largest number of tracks by one artist in a list")
    cooldown_hours: float = Field(
        12.0,
        ge=0,
        description="hours that a song is left out after the listener played it; 0: none",
    )
    cooldown_nights: int = Field(
        2,
        ge=0,
        le=60,
        description="number of nights that a song is left out after being listed for the moment",
    )
    discovery: float | None = Field(
        0.3,
        ge=0,
        le=1,
        description="share of a list that the listener never played; empty: the scores decide",
    )
    jitter: float = Field(
        0.1,
        ge=0,
        le=1,
        description="largest random amount added to a score of 0 to 1, new every day; 0: none",
    )
    seed: int = Field(
        7, ge=0, lt=2**63, description="random seed; the same seed and day, the same list"
    )
    smooth: SmoothSettings = SmoothSettings()
    tracks_per_artist: int = Field(
        2,
        ge=1,
        le=100,
        description="number of best tracks per artist, where artists are recommended",
    )
    best_tracks: Literal["plays", "published_popularity"] = Field(
        "plays",
        description="how to choose an artist's best tracks: by plays before the night or, as in the "
        "paper, by the source's undated popularity, which knows the future",
    )
    published_popularity_fallback: bool = Field(
        False,
        description="choose the tracks of artists without a played track by the source's undated "
        "popularity, as in the paper; it knows the future",
    )
    candidates_per_kind: int = Field(
        100,
        ge=20,
        le=1000,
        description="number of repeats, and as many new tracks, kept as candidates per listener",
    )
    listeners_per_task: int = Field(
        500, ge=1, le=10_000, description="largest number of listeners that one Python batch holds"
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        aliases = [alias for moment in self.moments.values() for alias in moment.aliases]
        if len(aliases) != len({*aliases}) or {*aliases} & {*self.moments}:
            raise ValueError("two moments share a name or an alias: rename one of them")
        return self
