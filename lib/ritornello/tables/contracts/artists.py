"""Contracts of the two-stage artist recommender and of listening without times.

A trial is a split of pairs (``seed-42``, ``temporal``). Each ``stage`` learns from some parts of the
split, masks some, and is judged on one:

- train: learns from train, masks nothing, is judged on train (published recipe only)
- val: learns from train, masks train, is judged on val
- test: learns from train, masks train and val, is judged on test
- refit: learns from train and val, masks train and val, is judged on test
"""

from ritornello.tables.contracts.contract import CUTOFFS, ITEM, METRICS, USER, Column, Contract

STAGES = ("train", "val", "test", "refit")
ARTIST = Column("artist_id", "int", "artist, dense id from `artists`")
TRIAL = Column("trial", "string", "seed-<seed> for a random split, or temporal")
RECIPE = Column("recipe", "string", "ours, or published (cosine blended with popularity)")
STAGE = Column("stage", "string", "stage of the trial: train, val, test or refit")
METHOD = Column("method", "string", "als, published, reranked, ...; see docs/artists.md")
KNOWN_STAGE = {"known_stage": "stage IN ('train', 'val', 'test', 'refit')"}

ARTIST_COUNTS = Contract(
    "artist_counts",
    "One row per listener and artist of a source that counts plays without times.",
    (USER, ARTIST, Column("plays", "bigint", "number of plays")),
    key=("user_id", "artist_id"),
    constraints={"played": "plays > 0"},
    of_item_kind=False,
)
FRIENDS = Contract(
    "friends",
    "One row per listener and friend. Both directions of a friendship are rows.",
    (USER, Column("friend_id", "int", "user_id of the friend")),
    key=("user_id", "friend_id"),
    of_item_kind=False,
)
ARTIST_TAGS = Contract(
    "artist_tags",
    "One row per tag that a listener gave an artist.",
    (USER, ARTIST, Column("tag_id", "bigint", "the source's id of the tag")),
    key=("user_id", "artist_id", "tag_id"),
    of_item_kind=False,
)
TRIAL_PAIRS = Contract(
    "trial_pairs",
    "One row per listener and artist of a trial, with its part of the split.",
    (
        TRIAL,
        USER,
        ITEM,
        Column(
            "plays",
            "bigint",
            "number of plays; in a temporal split, those before the end of the part",
        ),
        Column("part", "string", "part of the split: train, val or test"),
    ),
    key=("trial", "user_id", "item_id"),
    partitions=("trial",),
    constraints={"known_part": "part IN ('train', 'val', 'test')"},
)
FITTED = Column("fitted", "string", "parts that the factors were learnt from: train, or train+val")
FACTORS = Column("factors", "array<float>", "latent factors by MLlib ALS")
TRIAL_USER_FACTORS = Contract(
    "trial_user_factors",
    "One row per listener of a trial, with ALS factors.",
    (TRIAL, FITTED, USER, FACTORS),
    key=("trial", "fitted", "user_id"),
    partitions=("trial", "fitted"),
)
TRIAL_ITEM_FACTORS = Contract(
    "trial_item_factors",
    "One row per artist of a trial, with ALS factors.",
    (TRIAL, FITTED, ITEM, FACTORS),
    key=("trial", "fitted", "item_id"),
    partitions=("trial", "fitted"),
)
TRIAL_CANDIDATES = Contract(
    "trial_candidates",
    "One row per listener and candidate, the best artists by ALS that are not masked.",
    (
        TRIAL,
        RECIPE,
        STAGE,
        USER,
        ITEM,
        Column(
            "als_score", "double", "dot product; in the published recipe, cosine and popularity"
        ),
        Column("als_rank", "int", "rank by als_score, from 0 as published"),
    ),
    key=("trial", "recipe", "stage", "user_id", "item_id"),
    partitions=("trial", "recipe", "stage"),
    constraints=KNOWN_STAGE,
)
RERANK_ROWS = Contract(
    "rerank_rows",
    "One row per candidate, with its features and its label.",
    (
        TRIAL,
        RECIPE,
        STAGE,
        USER,
        ITEM,
        Column("group_id", "bigint", "the listener, as the group of LightGBM"),
        Column("label", "int", "1 if the pair is in the part that the stage is judged on, else 0"),
        Column("features", "array<float>", "features in the order of features.json; NaN: missing"),
    ),
    key=("trial", "recipe", "stage", "user_id", "item_id"),
    partitions=("trial", "recipe", "stage"),
    constraints=KNOWN_STAGE,
)
TRIAL_MODELS = Contract(
    "trial_models",
    "One row per reranker of a trial, with everything needed to use it again.",
    (
        TRIAL,
        METHOD,
        Column("features", "array<string>", "names of the features in the model's order"),
        Column("trees", "int", "number of trees that are used"),
        Column("alpha", "double", "weight of the ranker in the blend, chosen on validation"),
        Column("settings", "string", "settings of the fit, as JSON"),
        Column("sweep", "string", "metrics of each alpha on validation, as JSON lines"),
        Column("native_text", "string", "the model in LightGBM's text format"),
    ),
    key=("trial", "method"),
    partitions=("trial", "method"),
)
TRIAL_LISTS = Contract(
    "trial_lists",
    "One row per listener and method, with the best artists.",
    (
        TRIAL,
        STAGE,
        METHOD,
        USER,
        Column("items", "array<int>", "artists, best first"),
        Column(
            "scores",
            "array<double>",
            "their scores in the same order, comparable within a listener only",
        ),
    ),
    key=("trial", "stage", "method", "user_id"),
    partitions=("trial", "stage"),
    constraints=KNOWN_STAGE,
)
TRIAL_EVALUATIONS = Contract(
    "trial_evaluations",
    "One row per listener and method, with metrics over all pairs that the stage is judged on.",
    (
        TRIAL,
        STAGE,
        METHOD,
        USER,
        Column(
            "test_items",
            "int",
            "number of the listener's pairs that the stage is judged on, at least 1",
        ),
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
