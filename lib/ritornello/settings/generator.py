"""Settings of the generator: every number of the model of listening, with its meaning."""

from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_TRACKS = 650_000


class GeneratorSettings(BaseModel):
    """What to generate. The defaults are the laptop's run: some 3,300 listeners, 1.1 M plays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # size
    listeners: int = Field(3_300, ge=1, le=5_000_000, description="how many listeners")
    seed: int = Field(27, ge=0, lt=2**63, description="same seed, same rows")
    days: int = Field(400, ge=30, le=3_650, description="length of the log")
    last_day: date = Field(date(2025, 2, 3), description="the log ends before this UTC midnight")
    plays_median: float = Field(165, gt=0, description="median length of a history")
    plays_spread: float = Field(1.2, ge=0, le=3, description="sigma of the log of the length")
    plays_min: int = Field(24, ge=1, description="shortest history")
    plays_max: int = Field(11_000, ge=24, description="longest history but for giants")
    giant_share: float = Field(0.0003, ge=0, le=0.5, description="share of giants")
    giant_plays: int = Field(100_000, ge=1_000, description="about as many plays has a giant")
    tracks: int | None = Field(
        None, ge=1_000, le=5_000_000, description="size of the catalogue; none: by listeners"
    )

    # catalogue
    genres: int = Field(48, ge=4, le=500, description="number of genres")
    artist_tracks: float = Field(9.0, ge=1, description="mean number of tracks of an artist")
    artist_tracks_spread: float = Field(1.2, ge=0, le=3, description="sigma of the log of that")
    artist_fame: float = Field(0.82, ge=0, le=2, description="exponent of fame over rank")
    hit_bias: float = Field(1.55, ge=1, le=6, description="1: an artist's tracks are equal")
    release_share: float = Field(0.075, ge=0, le=1, description="share released within the log")

    # tastes
    home_genres: float = Field(4.0, ge=1, description="mean number of genres of a listener")
    stray_share: float = Field(0.12, ge=0, le=1, description="artists from outside those genres")
    past_days: float = Field(1100, ge=0, description="how far tastes reach back before the log")
    affinity_spread: float = Field(1.6, ge=0, le=3, description="sigma of the log of artist love")
    visits: float = Field(0.44, ge=0, description="mean returns to an artist's catalogue")
    album_share: float = Field(0.18, ge=0, le=1, description="visits that play an album through")
    release_visit: float = Field(0.36, ge=0, le=1, description="chance to try a new release")

    # returning
    encores: float = Field(3.2, ge=0, description="mean later plays of a spark at 15,000 plays")
    encore_spread: float = Field(1.9, ge=0, le=3, description="sigma of the log of track love")
    habit_spread: float = Field(1.0, ge=0, le=2, description="the same between listeners")
    breadth: float = Field(0.35, ge=0, le=1, description="encores grow as plays to this power")
    fading: float = Field(0.37, gt=0, le=2, description="interest falls as age to this minus 1")
    life_days: float = Field(230.0, gt=0, description="median days until interest is gone")
    life_spread: float = Field(1.3, ge=0, le=3, description="sigma of the log of that")
    love_lives: float = Field(0.07, ge=0, le=1, description="life grows as love to this power")
    rest_days: float = Field(0.2, ge=0, description="days that a track rests after a play")
    loop_share: float = Field(0.12, ge=0, lt=0.9, description="plays at once followed by another")
    coherence: float = Field(0.42, ge=0, le=1, description="plays drawn to others of the artist")
    routine_share: float = Field(
        0.25, ge=0, le=1, description="artists bound to a part of the week"
    )

    # rhythm
    session_plays: float = Field(5.5, gt=0, description="median plays of a session at 15,000 plays")
    session_spread: float = Field(0.9, ge=0, le=2, description="sigma of the log of that")
    day_spread: float = Field(0.45, ge=0, le=2, description="sigma of the log of a day's activity")
    newcomer_share: float = Field(0.2, ge=0, le=1, description="listeners that join during the log")
    leaver_share: float = Field(0.06, ge=0, le=1, description="listeners that stop during the log")
    silence_share: float = Field(0.25, ge=0, le=1, description="listeners with weeks of silence")

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.plays_min > self.plays_max:
            raise ValueError(f"plays_min {self.plays_min} > plays_max {self.plays_max}")
        return self

    @classmethod
    def like_real_logs(cls, **changes: Any) -> "GeneratorSettings":
        """Some 110 listeners of 15,000 plays a year, as public logs have: for calibration."""
        preset: dict[str, Any] = {
            "listeners": 108,
            "days": 368,
            "plays_median": 10_900,
            "plays_spread": 0.75,
            "plays_min": 1_000,
            "plays_max": 60_000,
            "giant_share": 0.01,
            "giant_plays": 160_000,
            "tracks": 600_000,
            "newcomer_share": 0.0,
            "leaver_share": 0.0,
        }
        return cls(**(preset | changes))

    @property
    def catalogue_tracks(self) -> int:
        """Size of the catalogue: grows slower than listeners, up to 650,000."""
        grown = int(20_000 * (max(self.listeners, 100) / 100) ** 0.37)
        return self.tracks or min(MAX_TRACKS, grown)
