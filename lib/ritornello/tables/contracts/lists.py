"""Contracts of the way to the lists: factors, candidates, samples, models, recommendations."""

from ritornello.tables.contracts.contract import AS_OF, ITEM, SOURCE_ID, USER, Column, Contract

LISTS = ("mixed", "repeats", "new", "explored")
FACTORS = Column("factors", "array<float>", "latent factors")

ALS_USER_FACTORS = Contract(
    "als_user_factors",
    "One listener's ALS factors, learnt from plays before as_of.",
    (AS_OF, USER, FACTORS),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

ALS_ITEM_FACTORS = Contract(
    "als_item_factors",
    "One item's ALS factors, learnt from plays before as_of.",
    (
        AS_OF,
        ITEM,
        FACTORS,
        Column(
            "trained_as_of", "timestamp", "end of the plays of the fit; null: as_of", nullable=True
        ),
    ),
    key=("as_of", "item_id"),
    partitions=("as_of",),
)

ALS_LISTS = Contract(
    "als_lists",
    "One listener: the best played and the best unplayed items by ALS, best first.",
    (
        AS_OF,
        USER,
        Column("repeat_items", "array<int>", "played items"),
        Column("repeat_scores", "array<float>", "their dot products"),
        Column("new_items", "array<int>", "unplayed items"),
        Column("new_scores", "array<float>", "their dot products"),
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

CANDIDATE_SOURCES = ("own_history", "als", "own_artists", "popular")

CANDIDATE_SCORES = tuple(
    column
    for source in CANDIDATE_SOURCES
    for column in (
        Column(f"{source}_score", "double", f"score by {source}; null: not found", nullable=True),
        Column(f"{source}_rank", "int", f"rank by {source}, from 1", nullable=True),
    )
)

CANDIDATES = Contract(
    "candidates",
    "One (listener, item) that some source proposes as of as_of; on a short night of who is due.",
    (AS_OF, USER, ITEM, Column("is_repeat", "boolean", "played before"), *CANDIDATE_SCORES),
    key=("as_of", "user_id", "item_id"),
    partitions=("as_of",),
)

SAMPLES = Contract(
    "samples",
    "One candidate of a sampled listener on a past day, with what came of it.",
    (
        AS_OF,
        Column("horizon_days", "double", "labels are plays in [as_of, as_of + horizon)"),
        Column("group_id", "bigint", "user_id shifted by 16 bits or-ed with the day number"),
        USER,
        ITEM,
        Column("label", "int", "1 if played within the horizon"),
        Column("features", "array<float>", "in the order of the feature matrix; NaN: missing"),
    ),
    key=("as_of", "user_id", "item_id"),
    partitions=("as_of",),
)

MODELS = Contract(
    "models",
    "One version of a model, with all that is needed to use it again.",
    (
        Column("model", "string", "ranker"),
        Column("version", "string", "as-of instant and settings hash"),
        Column("as_of", "timestamp", "instant the model serves from"),
        Column("trained_as_of", "timestamp", "end of the last window that it learnt from"),
        Column("features", "array<string>", "names in the order of the matrix"),
        Column("settings", "string", "settings of the fit, JSON"),
        Column("best_iteration", "int", "trees that serve, from 1"),
        Column("metrics", "map<string,double>", "what was measured on the early-stopping day"),
        Column("native_text", "string", "LightGBM's own text format"),
    ),
    key=("model", "version"),
    partitions=("model", "version"),
    constraints={"trained_before_use": "trained_as_of <= as_of"},
)


def recommendations(item_kind: str) -> Contract:
    return Contract(
        "recommendations",
        "One place of one list of one listener; equal scores go to the smaller id.",
        (
            AS_OF,
            USER,
            Column("source_user_id", SOURCE_ID, "the source's listener"),
            Column(
                "list", "string", "mixed, repeats (played before), new (never played) or explored"
            ),
            Column("rank", "int", "place in the list, from 1"),
            Column(f"{item_kind}_id", "int", "recommended item"),
            Column(f"source_{item_kind}_id", SOURCE_ID, "the source's item"),
            Column("score", "double", "the ranker's score, comparable within a listener"),
            Column("source", "string", "candidate sources that proposed it, joined by +"),
            Column("last_played_at", "timestamp", "newest play by the listener", nullable=True),
            Column(
                "propensity",
                "double",
                "in explored: the chance that the item had of a place there",
                nullable=True,
            ),
        ),
        key=("as_of", "user_id", "list", "rank"),
        partitions=("as_of",),
        constraints={
            "known_list": "list IN ('mixed', 'repeats', 'new', 'explored')",
            "from_one": "rank >= 1",
        },
        version=2,
    )


def tables(item_kind: str) -> tuple[Contract, ...]:
    """All tables of this room; those that the world reads name their item by its kind."""
    made = (ALS_USER_FACTORS, ALS_ITEM_FACTORS, ALS_LISTS, CANDIDATES, SAMPLES, MODELS)
    return (*made, recommendations(item_kind))
