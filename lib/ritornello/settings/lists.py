"""Settings of the way from features to lists."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ritornello.settings.section import Count, Section, Share


class FeatureSettings(Section):
    """Histories and what is counted of them."""

    user_buckets: Count = Field(4, description="slices of a checkpoint, by user")
    history_length: Count = Field(2048, description="plays kept per listener in `histories`")
    rhythm_days: Count = Field(90, description="days the rhythm of day and week is read from")
    transition_half_life_days: float = Field(
        365.0, ge=30, description="days in which a month's transitions fade by half"
    )


class AlsSettings(Section):
    """MLlib ALS on log1p(plays). ``reg`` is scaled by each row's number of ratings."""

    rank: Count = 32
    iterations: Count = 8
    reg: float = Field(0.1, gt=0)
    alpha: float = Field(10.0, gt=0, description="confidence of a rating: 1 + alpha * rating")
    weighting: Literal["none", "bm25", "tfidf"] = Field("none", description="of log1p(plays)")
    blocks: Count = Field(4, description="fixed, so factors repeat")
    seed: int = 7


class CandidateSettings(Section):
    """How many candidates each source brings per listener."""

    own_history: Count = Field(300, le=2000, description="of the listener's played items")
    als: Count = Field(100, le=1000, description="unplayed items by ALS")
    own_artists: Count = Field(100, le=1000, description="unplayed tracks of the own artists")
    popular: Count = Field(100, le=1000, description="unplayed items popular of late")
    artists_per_user: Count = Field(30, description="the listener's best artists that are asked")
    tracks_per_artist: Count = Field(40, description="an artist's best tracks that are offered")
    popular_depth: Count = Field(
        2000, description="how far down the popular list unplayed items are looked for"
    )


class RankerSettings(Section):
    """LambdaRank and the past days it learns from."""

    horizon_days: Annotated[float, Field(gt=0)] = Field(28.0, description="labels: plays this far")
    min_horizon_days: Annotated[float, Field(gt=0)] = Field(
        1.0, description="a shorter history than this allows cannot be learnt from"
    )
    training_days: Count = Field(3, description="past as-of days that are learnt from")
    step_days: Annotated[float, Field(gt=0)] = Field(14.0, description="between training days")
    listeners: Count = Field(500, description="hash sample of listeners per training day")
    trees: Count = 500
    leaves: Annotated[int, Field(ge=2)] = 31
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_rows_in_leaf: Count = 50
    feature_share: Share = 0.8
    bagging_share: Share = 0.8
    l2: Annotated[float, Field(ge=0)] = 1.0
    early_stopping_rounds: Count = 40
    truncation: Count = Field(100, description="LambdaRank looks at pairs down to this rank")
    tasks: Count = Field(
        1, description="barrier tasks of the fit; with one the model repeats on any machine"
    )
    threads: Count = Field(2, description="threads of a task of the fit")
    deadline_minutes: Annotated[float, Field(gt=0)] = 60.0
    attempts: Annotated[int, Field(ge=1, le=3)] = 2
    seed: int = 7


class RecommendSettings(Section):
    """What is published."""

    length: Annotated[int, Field(ge=1, le=1000)] = Field(100, description="items per list")


class ExplorationSettings(Section):
    """Places that are drawn by chance, so that later nights can judge what was not ranked first."""

    slots: int = Field(
        0, ge=0, description="drawn places of the list `explored`, its last ones; 0: no such list"
    )
    places: Count = Field(20, description="places of the list `explored`")
    pool: Count = Field(
        100, description="first places of mixed: those that are not shown anyway are drawn from"
    )
    seed: int = Field(7, description="of the draw, which is another one every night")

    @model_validator(mode="after")
    def _there_is_a_choice(self) -> "ExplorationSettings":
        if self.slots and not self.slots <= self.places < self.pool:
            raise ValueError("slots may be as many as places, and the pool must be larger")
        return self
