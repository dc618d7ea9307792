"""Contracts of factors, candidates, samples, models and recommendations."""

from ritornello.tables.contracts.contract import (
    AS_OF,
    ITEM,
    SOURCE_USER,
    USER,
    Column,
    Contract,
    source_item,
)

LISTS = ("mixed", "repeats", "new", "explored")
FACTORS = Column("factors", "array<float>", "latent factors by ALS")

ALS_USER_FACTORS = Contract(
    "als_user_factors",
    "One row per listener with ALS factors, learnt from plays before as_of.",
    (AS_OF, USER, FACTORS),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

ALS_ITEM_FACTORS = Contract(
    "als_item_factors",
    "One row per item with ALS factors, learnt from plays before as_of.",
    (
        AS_OF,
        ITEM,
        FACTORS,
        Column(
            "trained_as_of",
            "timestamp",
            "the fit learnt from plays before this instant; null: before as_of",
            nullable=True,
        ),
    ),
    key=("as_of", "item_id"),
    partitions=("as_of",),
)

ALS_LISTS = Contract(
    "als_lists",
    "One row per listener with the best played and the best unplayed items by ALS.",
    (
        AS_OF,
        USER,
        Column("repeat_items", "array<int>", "played items, best first"),
        Column("repeat_scores", "array<float>", "their dot products, in the same order"),
        Column("new_items", "array<int>", "unplayed items, best first"),
        Column("new_scores", "array<float>", "their dot products, in the same order"),
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

CANDIDATE_SOURCES = ("own_history", "als", "own_artists", "popular")

CANDIDATES = Contract(
    "candidates",
    "One row per listener, with the items that some source proposes as aligned arrays. A short night "
    "has only the listeners who are due.",
    (
        AS_OF,
        USER,
        Column("item_ids", "array<int>", "proposed items, ascending"),
        *(
            column
            for source in CANDIDATE_SOURCES
            for column in (
                Column(
                    f"{source}_scores", "array<float>", f"scores by {source}; null: not proposed"
                ),
                Column(
                    f"{source}_ranks",
                    "array<int>",
                    f"ranks by {source}, from 1; null: not proposed",
                ),
            )
        ),
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
    version=2,
)

SAMPLES = Contract(
    "samples",
    "One row per candidate of a sampled listener on a past day, with its label.",
    (
        AS_OF,
        Column("horizon_days", "double", "days after as_of in which a play gives the label 1"),
        Column(
            "group_id", "bigint", "user_id shifted left by 32 bits, or-ed with as_of in seconds"
        ),
        USER,
        ITEM,
        Column("label", "int", "1 if the listener played the item within the horizon, else 0"),
        Column(
            "features", "array<float>", "features in the order of the feature matrix; NaN: missing"
        ),
    ),
    key=("as_of", "user_id", "item_id"),
    partitions=("as_of",),
)

MODELS = Contract(
    "models",
    "One row per version of a model, with everything needed to use it again.",
    (
        Column("model", "string", "kind of model: ranker"),
        Column("version", "string", "as-of instant and hash of the settings"),
        Column("as_of", "timestamp", "instant from which the model may serve"),
        Column("trained_as_of", "timestamp", "end of the last window of plays that it learnt from"),
        Column("features", "array<string>", "names of the features in the order of the matrix"),
        Column("settings", "string", "settings of the fit, as JSON"),
        Column("best_iteration", "int", "number of trees that are used; 0 of a simple ranker"),
        Column("metrics", "map<string,double>", "metrics on the early-stopping day"),
        Column(
            "native_text",
            "string",
            "the model in LightGBM's text format, or `simple` and the feature that ranks alone",
        ),
    ),
    key=("model", "version"),
    partitions=("model", "version"),
    constraints={"trained_before_use": "trained_as_of <= as_of"},
)


def recommendations(item_kind: str) -> Contract:
    return Contract(
        "recommendations",
        "One row per place in a listener's list. Equal scores go to the smaller id.",
        (
            AS_OF,
            USER,
            SOURCE_USER,
            Column(
                "list",
                "string",
                "mixed, repeats (played before), new (never played) or explored (some places are "
                "random)",
            ),
            Column("rank", "int", "place in the list, from 1"),
            Column(f"{item_kind}_id", "int", "recommended item, dense id"),
            source_item(item_kind),
            Column("score", "double", "the ranker's score, comparable within a listener only"),
            Column("source", "string", "candidate sources that proposed it, joined by +"),
            Column(
                "last_played_at",
                "timestamp",
                "the listener's newest play of the item; null: never played",
                nullable=True,
            ),
            Column(
                "propensity",
                "double",
                "in explored: probability that the item got a place in the list",
                nullable=True,
            ),
        ),
        key=("as_of", "user_id", "list", "rank"),
        partitions=("as_of",),
        constraints={
            "known_list": "list IN ('mixed', 'repeats', 'new', 'explored')",
            "from_one": "rank >= 1",
        },
        version=3,
    )


def tables(item_kind: str) -> tuple[Contract, ...]:
    """Return the contracts of this module.

    ``recommendations`` is read outside this project, so it names its item by the item kind.
    """
    shared = (ALS_USER_FACTORS, ALS_ITEM_FACTORS, ALS_LISTS, CANDIDATES, SAMPLES, MODELS)
    return (*shared, recommendations(item_kind))
