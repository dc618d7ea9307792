"""Settings of the generator: every number in the model of listening."""

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_TRACKS = 650_000


class GeneratorSettings(BaseModel):
    """Settings of the generated listening, sized for a laptop by default.

    The defaults give some 3,300 listeners and 1.1 million plays. The model and the reasons for its
    numbers are in docs/decisions/0001-generator.md.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # size
    listeners: int = Field(3_300, ge=1, le=5_000_000, description="number of listeners")
    seed: int = Field(27, ge=0, lt=2**63, description="random seed; the same seed, the same rows")
    days: int = Field(400, ge=30, le=3_650, description="length of the log in days")
    last_day: date = Field(date(2025, 2, 3), description="the log ends before this UTC midnight")
    plays_median: float = Field(165, gt=0, description="median number of plays per listener")
    plays_spread: float = Field(
        1.2, ge=0, le=3, description="standard deviation of the log of that number"
    )
    plays_min: int = Field(24, ge=1, description="fewest plays of a listener")
    plays_max: int = Field(11_000, ge=24, description="most plays of a listener, giants excepted")
    giant_share: float = Field(
        0.0003, ge=0, le=0.5, description="share of listeners with a giant history"
    )
    giant_plays: int = Field(100_000, ge=1_000, description="plays of a giant, give or take 10%")
    tracks: int | None = Field(
        None,
        ge=1_000,
        le=5_000_000,
        description="number of tracks in the catalogue; empty: grows with the number of listeners",
    )

    # catalogue
    genres: int = Field(48, ge=4, le=500, description="number of genres")
    artist_tracks: float = Field(9.0, ge=1, description="mean number of tracks per artist")
    artist_tracks_spread: float = Field(
        1.2, ge=0, le=3, description="standard deviation of the log of that number"
    )
    artist_fame: float = Field(
        0.82,
        ge=0,
        le=2,
        description="an artist's fame falls as its rank to the power of minus this",
    )
    hit_bias: float = Field(
        1.55, ge=1, le=6, description="1: all tracks of an artist are equal; more favours the hits"
    )
    release_share: float = Field(
        0.075, ge=0, le=1, description="share of albums that come out within the log"
    )

    # tastes
    home_genres: float = Field(
        4.0, ge=1, description="mean number of a listener's favourite genres"
    )
    stray_share: float = Field(
        0.12, ge=0, le=1, description="share of artists from outside the favourite genres"
    )
    past_days: float = Field(
        1100,
        ge=0,
        description="days before the log in which tastes form, so that favourites are old from "
        "the start",
    )
    affinity_spread: float = Field(
        1.6, ge=0, le=3, description="standard deviation of the log of love for an artist"
    )
    visits: float = Field(0.44, ge=0, description="mean number of returns to an artist's catalogue")
    album_share: float = Field(
        0.18, ge=0, le=1, description="share of visits that play an album from start to end"
    )
    release_visit: float = Field(
        0.36, ge=0, le=1, description="chance that a fan of the artist tries a new release"
    )

    # returning
    encores: float = Field(
        3.2,
        ge=0,
        description="mean number of later plays of a track once it is taken up, for a listener of "
        "15,000 plays",
    )
    encore_spread: float = Field(
        1.9, ge=0, le=3, description="standard deviation of the log of love for a track"
    )
    habit_spread: float = Field(
        1.0, ge=0, le=2, description="standard deviation of the log of encores between listeners"
    )
    breadth: float = Field(
        0.35, ge=0, le=1, description="encores grow as the listener's plays to this power"
    )
    fading: float = Field(
        0.37,
        gt=0,
        le=2,
        description="interest in a track falls as its age to the power of this - 1",
    )
    life_days: float = Field(
        230.0, gt=0, description="median number of days until interest in a track is gone"
    )
    life_spread: float = Field(
        1.3, ge=0, le=3, description="standard deviation of the log of that number"
    )
    love_lives: float = Field(
        0.07, ge=0, le=1, description="those days grow as love for the track to this power"
    )
    rest_days: float = Field(0.2, ge=0, description="days that a track rests after a play")
    loop_share: float = Field(
        0.12, ge=0, lt=0.9, description="share of plays repeated at once by the same listener"
    )
    coherence: float = Field(
        0.42, ge=0, le=1, description="share of plays moved next to others of the same artist"
    )
    routine_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="share of artists that a listener keeps for mornings, evenings or weekends",
    )

    # verdicts
    skip_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of a listener's tracks that tire: they are skipped and not heard again",
    )
    like_share: float = Field(
        0.0, ge=0, le=1, description="share of the tracks played often that are liked (weight 2)"
    )
    dislike_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the tracks that are disliked (weight -2) after one play",
    )

    # rhythm
    session_plays: float = Field(
        5.5, gt=0, description="median number of plays per session, for a listener of 15,000 plays"
    )
    session_spread: float = Field(
        0.9, ge=0, le=2, description="standard deviation of the log of that number"
    )
    day_spread: float = Field(
        0.45, ge=0, le=2, description="standard deviation of the log of a day's activity"
    )
    newcomer_share: float = Field(
        0.2, ge=0, le=1, description="share of listeners who join during the log"
    )
    leaver_share: float = Field(
        0.06, ge=0, le=1, description="share of the other listeners who stop during the log"
    )
    silence_share: float = Field(
        0.25, ge=0, le=1, description="share of listeners with weeks of silence"
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.plays_min > self.plays_max:
            raise ValueError(
                f"plays_min ({self.plays_min}) must not exceed plays_max ({self.plays_max})"
            )
        return self

    @property
    def catalogue_tracks(self) -> int:
        """Return the number of tracks in the catalogue.

        Unless ``tracks`` is set, it grows more slowly than the listeners, up to 650,000.
        """
        size = int(20_000 * (max(self.listeners, 100) / 100) ** 0.37)
        return self.tracks or min(MAX_TRACKS, size)
