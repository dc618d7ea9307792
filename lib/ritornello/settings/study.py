"""Settings of what is compared: evaluation, comparisons, artists in two stages."""

from typing import Annotated, Literal

from pydantic import Field

from ritornello.settings.lists import AlsSettings, RankerSettings
from ritornello.settings.section import Count, Section, Share


class EvaluationSettings(Section):
    """How nights are judged."""

    horizon_days: Annotated[float, Field(gt=0)] | Literal["to_end"] = Field(
        28.0, description="days of test plays after the as-of instant, or to_end"
    )
    gains: Literal["binary", "graded"] = Field(
        "binary", description="graded: a like counts 2, a play 1; a skip or dislike takes it back"
    )


class ArtistSettings(Section):
    """Artists by two stages: ALS proposes what was never played, LambdaRank orders it."""

    split: Literal["auto", "temporal", "random"] = Field(
        "auto", description="auto: in time where plays have one, else by a hash of the pairs"
    )
    val_share: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.1, description="of pairs, or time")
    test_share: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.1, description="likewise")
    seeds: list[int] = Field([42], min_length=1, description="of the hash that splits pairs")
    min_pairs: Count = Field(2, description="artists of a listener, listeners of an artist")
    top_n: Annotated[int, Field(ge=10, le=1000)] = Field(200, description="candidates by ALS")
    k: Literal[5, 10, 40, 100] = Field(10, description="where metrics are read in the table")
    alphas: list[Share] = Field(
        [0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0],
        min_length=1,
        description="share of the ranker in the blend; the best on validation serves",
    )
    als: AlsSettings = AlsSettings(
        rank=64, iterations=15, reg=0.25, alpha=1.0, weighting="bm25", seed=42
    )
    ranker: RankerSettings = RankerSettings(
        trees=300, leaves=7, learning_rate=0.05, early_stopping_rounds=30, truncation=20, seed=42
    )
    neighbours: Count = Field(100, description="kept per artist for the cosine of artists")
    pairs_per_user: Count = Field(100, description="artists of a listener that cosines look at")
    tags_per_artist: Count = Field(30, description="tags an artist is known by")
    ease_items: Count = Field(7000, description="bounded catalogue of the baseline ease; 1: none")
    published: bool = Field(True, description="run the published recipe beside ours")


class CompareSettings(Section):
    """A comparison of methods on one data set, and how the data are split for it."""

    protocol: Literal["paper", "nightly"] = "paper"
    eligible: Literal["everyone", "published"] = Field(
        "everyone",
        description="who is judged: all with plays on both sides of the test's border, or as "
        "published those with two before the validation's border",
    )
    methods: list[str] = Field([], description="names from docs/methods.md; empty: all of them")
    items: Count | None = Field(None, description="reduce to so many items; empty: keep all")
    draw: Literal["popularity", "uniform", "most_popular"] = Field(
        "popularity", description="how items are drawn"
    )
    item_seed: int = Field(27, description="of the draw of items")
    listener_seed: int = Field(31337, description="of the draw of validation listeners")
    test_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.1, description="newest share of all plays that is the test; then validation likewise"
    )
    validation_listeners: Count = Field(2048, description="at most; and at most a tenth of all")
    stored: Annotated[int, Field(ge=100, le=1000)] = Field(900, description="items listed")
    nights: Count = Field(8, description="as-of days of the nightly protocol")
    night_step_days: Annotated[float, Field(gt=0)] = Field(7.0, description="between those days")
    night_horizon_days: Annotated[float, Field(gt=0)] = Field(7.0, description="of each night")
    count_half_life_days: Literal[1, 3, 7, 14, 30, 60, 120, 365] = Field(
        30, description="PPS counts plays that fade with this half-life"
    )
    tuning_listeners: Count = Field(1000, description="hash sample that options are tuned on")
    items_per_user: Count = Field(
        100, description="items of a listener that neighbours are asked of"
    )
    neighbours: Count = Field(50, description="neighbours kept per item")
    scored_per_user: Count = Field(600, description="items a neighbour method scores per listener")
    pool_listeners: Count = Field(
        2000, description="listeners that tifu_knn looks for neighbours in"
    )
    ease_items: Count = Field(2000, description="items of the bounded catalogue of ease")
