"""Settings from features to lists: factors, candidates, ranker, exploration."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ritornello.settings.section import Count, Section, Share


class FeatureSettings(Section):
    """Settings of histories and the counts derived from them."""

    user_buckets: Count = Field(
        2, description="number of partitions that split each monthly checkpoint by user"
    )
    history_length: Count = Field(
        2048, description="number of newest plays kept per listener in `histories`"
    )
    rhythm_days: Count = Field(
        90, description="days before the night whose plays count for hours of day and weekdays"
    )
    transition_half_life_days: float = Field(
        365.0, ge=30, description="half-life in days with which a month's transitions lose weight"
    )


class AlsSettings(Section):
    """MLlib ALS on log1p(plays)."""

    rank: Count = Field(32, description="number of latent factors")
    iterations: Count = Field(8, description="number of iterations of the fit")
    reg: float = Field(
        0.1, gt=0, description="regularisation, scaled by each row's number of ratings"
    )
    alpha: float = Field(10.0, gt=0, description="confidence in a rating is 1 + alpha * rating")
    weighting: Literal["none", "bm25", "tfidf"] = Field(
        "none", description="weighting applied to log1p(plays)"
    )
    blocks: Count = Field(
        4, description="number of blocks of the fit; fixed, so that a rerun gives the same factors"
    )
    seed: int = Field(7, description="random seed of the initial factors")


class CandidateSettings(Section):
    """Number of candidates that each source proposes per listener."""

    own_history: Count = Field(300, le=2000, description="items the listener has played")
    als: Count = Field(100, le=1000, description="unplayed items, best by ALS")
    own_artists: Count = Field(
        100, le=1000, description="unplayed items by artists the listener plays"
    )
    popular: Count = Field(
        100, le=1000, description="unplayed items that were popular over the last month"
    )
    artists_per_user: Count = Field(
        30, description="number of the listener's most played artists that own_artists looks at"
    )
    tracks_per_artist: Count = Field(
        40, description="number of best items that each of these artists contributes"
    )
    popular_depth: Count = Field(
        2000,
        description="length of the popular list that is searched for unplayed items; a listener who "
        "has played all of it gets none",
    )


class RankerSettings(Section):
    """LambdaRank and the past days that it learns from."""

    horizon_days: Annotated[float, Field(gt=0)] = Field(
        28.0, description="days after a training day in which a play makes a positive label"
    )
    min_horizon_days: Annotated[float, Field(gt=0)] = Field(
        1.0,
        description="shortest horizon in days: a short history shrinks horizon_days, below this the "
        "fit fails",
    )
    training_days: Count = Field(3, description="number of past as-of days to learn from")
    step_days: Annotated[float, Field(gt=0)] = Field(
        14.0, description="days between two training days"
    )
    listeners: Count = Field(
        500, description="number of listeners sampled per training day, by a hash of their ids"
    )
    least_listeners: Count = Field(
        10, description="with fewer listeners to learn from, the best plain count ranks the lists"
    )
    trees: Count = Field(500, description="largest number of trees")
    leaves: Annotated[int, Field(ge=2)] = Field(31, description="largest number of leaves per tree")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.05, description="shrinkage of each tree"
    )
    min_rows_in_leaf: Count = Field(50, description="smallest number of rows in a leaf")
    feature_share: Share = Field(0.8, description="share of features drawn for each tree")
    bagging_share: Share = Field(0.8, description="share of rows drawn for each tree")
    l2: Annotated[float, Field(ge=0)] = Field(1.0, description="L2 penalty on leaf values")
    early_stopping_rounds: Count = Field(
        40,
        description="trees without a better NDCG@40 on the stopping day after which the fit ends",
    )
    truncation: Count = Field(
        100, description="LambdaRank learns from pairs with an item in this many first places"
    )
    tasks: Count = Field(
        1,
        description="number of Spark tasks of the fit; with one, the model is the same on any machine",
    )
    threads: Count = Field(2, description="number of threads per task of the fit")
    deadline_minutes: Annotated[float, Field(gt=0)] = Field(
        60.0, description="minutes after which an attempt at the fit is cancelled"
    )
    attempts: Annotated[int, Field(ge=1, le=3)] = Field(
        2, description="number of attempts before the fit counts as failed"
    )
    seed: int = Field(7, description="random seed of the fit and of the sample of listeners")
    leave_out: list[str] = Field(
        [],
        description="features that the ranker may not learn from, by name, to measure what they are "
        "worth",
    )


class RecommendSettings(Section):
    """Settings of the published lists."""

    length: Annotated[int, Field(ge=1, le=1000)] = Field(
        100, description="number of items per list"
    )


class ExplorationSettings(Section):
    """Places drawn at random for the list `explored`.

    They let later nights judge items that the ranker did not put first.
    """

    slots: int = Field(
        0, ge=0, description="number of last places of `explored` drawn at random; 0: no such list"
    )
    places: Count = Field(20, description="number of places in `explored`")
    pool: Count = Field(
        100,
        description="the random places are drawn from this many first places of mixed, without those "
        "that `explored` shows anyway",
    )
    seed: int = Field(7, description="random seed of the draw, which differs from night to night")

    @model_validator(mode="after")
    def _there_is_a_choice(self) -> "ExplorationSettings":
        if self.slots and not self.slots <= self.places < self.pool:
            raise ValueError("slots must not exceed places, and pool must be larger than places")
        return self
