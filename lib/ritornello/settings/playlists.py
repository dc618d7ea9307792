"""Settings of the playlists: moments, weights and the limits a list keeps. No Spark in here."""

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
    """How well a track's audio fits a moment, from 0 to 1: near a target, or along a ramp."""

    feature: AudioFeature
    weight: Weight = Field(description="share of the moment's score")
    target: Number | None = Field(None, description="fits fully here, not at all `width` away")
    width: Positive | None = None
    ramp_from: Number | None = Field(None, description="fits not at all here and before it")
    ramp_over: Number | None = Field(
        None, description="fits fully so much later; negative: the ramp falls"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        near = self.target is not None and self.width is not None
        ramp = self.ramp_from is not None and self.ramp_over is not None
        given = [self.target, self.width, self.ramp_from, self.ramp_over]
        if near == ramp or sum(value is not None for value in given) != 2:
            raise ValueError("a term has target and width, or ramp_from and ramp_over")
        if self.ramp_over == 0:
            raise ValueError("ramp_over must not be 0")
        return self


class MomentSettings(Section):
    """A moment: a share of the final score plus terms of audio."""

    base: Weight = Field(1.0, description="share of the final score")
    terms: list[Term] = Field([], description="how the sound should be")
    aliases: list[MomentName] = Field([], description="other names of it")

    @model_validator(mode="after")
    def _weighs_something(self) -> Self:
        if self.base + sum(term.weight for term in self.terms) == 0:
            raise ValueError("a moment needs a weight above 0")
        return self


class ScoreWeights(Section):
    """final = base, tempo_sim and valence_sim by these weights (B2)."""

    base: Weight = 0.6
    tempo: Weight = 0.2
    valence: Weight = 0.2

    @model_validator(mode="after")
    def _weighs_something(self) -> Self:
        if self.base + self.tempo + self.valence == 0:
            raise ValueError("one of the weights must be above 0")
        return self


class SmoothSettings(Section):
    """Steps between neighbours of a list; kept where the chosen tracks allow it."""

    enabled: bool = Field(True, description="false: in the order of the scores")
    max_tempo_step: Positive = Field(20.0, description="bpm: a step one can walk along with")
    max_key_step: Positive = Field(
        2.0, description="steps on the circle of fifths; a change of mode is one more"
    )
    max_energy_step: Positive = Field(0.25, description="of a scale from 0 to 1")


class PlaylistSettings(Section):
    """Playlists for a moment: what is scored, what is kept out, how a list is put in order."""

    length: int = Field(10, ge=MIN_LENGTH, le=MAX_LENGTH, description="tracks of a list")
    weights: ScoreWeights = ScoreWeights()
    tempo_width: Positive = Field(80.0, description="bpm away from the taste: not alike at all")
    valence_width: Positive = Field(1.0, description="likewise, of valence")
    unknown_fit: float = Field(
        0.25,
        ge=0,
        le=1,
        description="how well a track of unknown sound fits a moment's term; 0.5 fills workouts with "
        "them, as most known tracks fit less",
    )
    moments: dict[MomentName, MomentSettings] = Field(
        {}, description="further moments by name; a built-in name replaces that moment"
    )
    artist_cap: int = Field(2, ge=1, description="tracks of any one artist in a list")
    cooldown_hours: float = Field(
        12.0, ge=0, description="a song heard so shortly before rests; 0: none rests"
    )
    cooldown_nights: int = Field(
        2, ge=0, le=60, description="a song listed for the moment in these last nights rests"
    )
    discovery: float | None = Field(
        0.3, ge=0, le=1, description="share never played before; empty: as the scores fall"
    )
    jitter: float = Field(
        0.1, ge=0, le=1, description="by chance of the day, added to a score of 0 to 1; 0: none"
    )
    seed: int = Field(7, ge=0, lt=2**63, description="same seed and day, same list")
    smooth: SmoothSettings = SmoothSettings()
    tracks_per_artist: int = Field(
        2, ge=1, le=100, description="an artist's best tracks, where artists are recommended"
    )
    best_tracks: Literal["plays", "published_popularity"] = Field(
        "plays",
        description="what an artist's best tracks are: by plays before the night, or as the paper: "
        "by the source's undated popularity, which knows the future",
    )
    published_popularity_fallback: bool = Field(
        False,
        description="artists without a play of a known track take their tracks by the source's "
        "undated popularity, as the paper does; it knows the future",
    )
    candidates_per_kind: int = Field(
        100, ge=20, le=1000, description="repeats, and again new tracks, kept per listener"
    )
    listeners_per_task: int = Field(
        500, ge=1, le=10_000, description="listeners that one Python batch holds at once"
    )

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        aliases = [alias for moment in self.moments.values() for alias in moment.aliases]
        if len(aliases) != len({*aliases}) or {*aliases} & {*self.moments}:
            raise ValueError("two moments share a name or an alias")
        return self
