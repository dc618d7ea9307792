"""Artists by two stages: listening without times, and what a trial of the recommender makes of it.

A trial is a split of pairs (``seed-42``, ``temporal``). ``stage`` says what was learnt from, what is
masked and what is asked: train (train; nothing; train, as published only), val (train; train; val), test
(train; train and val; test), refit (train and val; train and val; test).
"""

from ritornello.tables.contracts.contract import CUTOFFS, ITEM, METRICS, USER, Column, Contract

STAGES = ("train", "val", "test", "refit")
ARTIST = Column("artist_id", "int", "artist, dense id from `artists`")
TRIAL = Column("trial", "string", "seed-<seed> of a random split, or temporal")
RECIPE = Column("recipe", "string", "ours, or published (cosine with a blend of popularity)")
STAGE = Column("stage", "string", "train, val, test or refit")
METHOD = Column("method", "string", "als, published, reranked, ...; see docs/artists.md")
KNOWN_STAGE = {"known_stage": "stage IN ('train', 'val', 'test', 'refit')"}

ARTIST_COUNTS = Contract(
    "artist_counts",
    "One (listener, artist) of a source that counts plays without times.",
    (USER, ARTIST, Column("plays", "bigint", "plays in all")),
    key=("user_id", "artist_id"),
    constraints={"played": "plays > 0"},
    of_item_kind=False,
)
FRIENDS = Contract(
    "friends",
    "One listener and a friend of theirs; both directions stand here.",
    (USER, Column("friend_id", "int", "the friend, a user_id")),
    key=("user_id", "friend_id"),
    of_item_kind=False,
)
ARTIST_TAGS = Contract(
    "artist_tags",
    "One tag that a listener gave an artist.",
    (USER, ARTIST, Column("tag_id", "bigint", "the source's tag")),
    key=("user_id", "artist_id", "tag_id"),
    of_item_kind=False,
)
TRIAL_PAIRS = Contract(
    "trial_pairs",
    "One (listener, artist) of a trial and the part it is in.",
    (
        TRIAL,
        USER,
        ITEM,
        Column("plays", "bigint", "plays; in time: those before the end of the part"),
        Column("part", "string", "train, val or test"),
    ),
    key=("trial", "user_id", "item_id"),
    partitions=("trial",),
    constraints={"known_part": "part IN ('train', 'val', 'test')"},
)
FITTED = Column("fitted", "string", "train, or train+val")
FACTORS = Column("factors", "array<float>", "latent factors by MLlib ALS")
TRIAL_USER_FACTORS = Contract(
    "trial_user_factors",
    "One listener's factors.",
    (TRIAL, FITTED, USER, FACTORS),
    key=("trial", "fitted", "user_id"),
    partitions=("trial", "fitted"),
)
TRIAL_ITEM_FACTORS = Contract(
    "trial_item_factors",
    "One artist's factors.",
    (TRIAL, FITTED, ITEM, FACTORS),
    key=("trial", "fitted", "item_id"),
    partitions=("trial", "fitted"),
)
TRIAL_CANDIDATES = Contract(
    "trial_candidates",
    "One of the artists that ALS finds best for a listener among those not masked.",
    (
        TRIAL,
        RECIPE,
        STAGE,
        USER,
        ITEM,
        Column("als_score", "double", "dot product, or as published cosine and popularity"),
        Column("als_rank", "int", "from 0, as published"),
    ),
    key=("trial", "recipe", "stage", "user_id", "item_id"),
    partitions=("trial", "recipe", "stage"),
    constraints=KNOWN_STAGE,
)
RERANK_ROWS = Contract(
    "rerank_rows",
    "One candidate with its features and whether the pair is in the part that is asked.",
    (
        TRIAL,
        RECIPE,
        STAGE,
        USER,
        ITEM,
        Column("group_id", "bigint", "the listener, as LightGBM wants it"),
        Column("label", "int", "1 if the pair is in the part that is asked"),
        Column("features", "array<float>", "as features.json names them; NaN: missing"),
    ),
    key=("trial", "recipe", "stage", "user_id", "item_id"),
    partitions=("trial", "recipe", "stage"),
    constraints=KNOWN_STAGE,
)
TRIAL_MODELS = Contract(
    "trial_models",
    "One reranker of a trial, with all that is needed to use it again.",
    (
        TRIAL,
        METHOD,
        Column("features", "array<string>", "names in the order the model knows"),
        Column("trees", "int", "trees that serve"),
        Column("alpha", "double", "share of the ranker in the blend, chosen on validation"),
        Column("settings", "string", "settings of the fit, JSON"),
        Column("sweep", "string", "JSON lines: what validation said of each alpha"),
        Column("native_text", "string", "LightGBM's own text format"),
    ),
    key=("trial", "method"),
    partitions=("trial", "method"),
)
TRIAL_LISTS = Contract(
    "trial_lists",
    "One listener's best artists by one method.",
    (
        TRIAL,
        STAGE,
        METHOD,
        USER,
        Column("items", "array<int>", "best first"),
        Column("scores", "array<double>", "in the same order; comparable within the listener"),
    ),
    key=("trial", "stage", "method", "user_id"),
    partitions=("trial", "stage"),
    constraints=KNOWN_STAGE,
)
TRIAL_EVALUATIONS = Contract(
    "trial_evaluations",
    "One listener's metrics by one method, over all pairs of the part that is asked.",
    (
        TRIAL,
        STAGE,
        METHOD,
        USER,
        Column("test_items", "int", "pairs asked; at least 1"),
        *(
            Column(f"{metric}_{k}", "double", f"{metric} at {k}")
            for metric in METRICS
            for k in CUTOFFS
        ),
    ),
    key=("trial", "stage", "method", "user_id"),
    partitions=("trial", "stage"),
    constraints=KNOWN_STAGE,
)

FACTS = (ARTIST_COUNTS, FRIENDS, ARTIST_TAGS)
TABLES = (
    TRIAL_PAIRS,
    TRIAL_USER_FACTORS,
    TRIAL_ITEM_FACTORS,
    TRIAL_CANDIDATES,
    RERANK_ROWS,
    TRIAL_MODELS,
    TRIAL_LISTS,
    TRIAL_EVALUATIONS,
)
