"""Settings of the studies: evaluation, comparisons, and the two-stage artist recommender."""

from typing import Annotated, Literal

from pydantic import Field

from ritornello.settings.lists import AlsSettings, RankerSettings
from ritornello.settings.section import Count, Section, Share


class EvaluationSettings(Section):
    """Settings of an evaluation, of a night or in a comparison."""

    horizon_days: Annotated[float, Field(gt=0)] | Literal["to_end"] = Field(
        28.0,
        description="days of test plays after a night, or to_end for all of them; a comparison's "
        "protocol has its own",
    )
    gains: Literal["binary", "graded"] | None = Field(
        None,
        description="gain of a test item; graded counts a like as 2 and a play as 1, and a skip or "
        "dislike takes it back; empty: graded in a comparison by the protocol paper, else binary",
    )


class ArtistSettings(Section):
    """The two-stage artist recommender.

    ALS proposes artists that were never played, and LambdaRank orders them.
    """

    split: Literal["auto", "temporal", "random"] = Field(
        "auto",
        description="how pairs are split; auto splits by time if plays have times, else by a hash of "
        "the pairs",
    )
    val_share: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        0.1, description="share of the pairs, or of the plays in time, for validation"
    )
    test_share: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        0.1, description="share of the pairs, or of the plays in time, for the test"
    )
    seeds: list[int] = Field([42], min_length=1, description="seeds of random splits")
    min_pairs: Count = Field(
        2, description="fewest artists per listener and listeners per artist; others are dropped"
    )
    top_n: Annotated[int, Field(ge=10, le=1000)] = Field(
        200, description="number of candidates that ALS proposes per listener"
    )
    k: Literal[5, 10, 40, 100] = Field(
        10, description="number of first places by which alpha is chosen and methods are compared"
    )
    alphas: list[Share] = Field(
        [0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0],
        min_length=1,
        description="weights of the ranker in the blend to try; the best on validation is used",
    )
    als: AlsSettings = AlsSettings(
        rank=64, iterations=15, reg=0.25, alpha=1.0, weighting="bm25", seed=42
    )
    ranker: RankerSettings = RankerSettings(
        trees=300, leaves=7, learning_rate=0.05, early_stopping_rounds=30, truncation=20, seed=42
    )
    neighbours: Count = Field(
        100, description="number of nearest artists kept per artist for the cosine features"
    )
    pairs_per_user: Count = Field(
        100, description="number of a listener's strongest artists that cosine features look at"
    )
    tags_per_artist: Count = Field(
        30, description="number of tags kept per artist, those of most weight"
    )
    ease_items: Count = Field(
        7000, description="number of artists in the catalogue of the baseline ease; 1: no ease"
    )
    published: bool = Field(True, description="also run the published recipe, for comparison")


class CompareSettings(Section):
    """A comparison of methods on one data set, and the split of the data."""

    protocol: Literal["paper", "nightly"] = Field(
        "paper", description="split as in the paper, or night by night"
    )
    eligible: Literal["everyone", "published"] = Field(
        "everyone",
        description="which listeners are judged: everyone with plays before and after the start of the "
        "test or, as published, with two plays before the start of validation",
    )
    methods: list[str] = Field(
        [], description="methods to compare, by their names in docs/methods.md; empty: all of them"
    )
    items: Count | None = Field(
        None, description="number of items to keep, chosen by `draw`; empty: all of them"
    )
    draw: Literal["popularity", "uniform", "most_popular"] = Field(
        "popularity",
        description="how to choose those items: at random in proportion to their plays, at random with "
        "equal chances, or the most popular",
    )
    item_seed: int = Field(27, description="random seed of the draw of items")
    listener_seed: int = Field(31337, description="random seed of the validation listeners")
    test_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.1,
        description="share of the plays, the newest, that is the test; the same share of the rest is "
        "validation",
    )
    validation_listeners: Count = Field(
        2048, description="largest number of validation listeners, never more than a tenth of all"
    )
    stored: Annotated[int, Field(ge=100, le=1000)] = Field(
        900, description="number of items stored per list"
    )
    nights: Count = Field(8, description="number of nights in the nightly protocol")
    night_step_days: Annotated[float, Field(gt=0)] = Field(
        7.0, description="days between two of those nights"
    )
    night_horizon_days: Annotated[float, Field(gt=0)] = Field(
        7.0, description="days of test plays after each of those nights"
    )
    count_half_life_days: Literal[1, 3, 7, 14, 30, 60, 120, 365] = Field(
        30, description="half-life in days of the play counts in personalised popularity (PPS)"
    )
    tuning_listeners: Count = Field(
        1000, description="number of listeners, sampled by a hash, on whom options are tuned"
    )
    items_per_user: Count = Field(
        100, description="number of a listener's items whose neighbours are looked up"
    )
    neighbours: Count = Field(50, description="number of neighbours kept per item")
    scored_per_user: Count = Field(
        600, description="number of items that a neighbour method scores per listener"
    )
    pool_listeners: Count = Field(
        2000, description="number of listeners among whom tifu_knn looks for neighbours"
    )
    ease_items: Count = Field(2000, description="number of items in the catalogue of ease")
