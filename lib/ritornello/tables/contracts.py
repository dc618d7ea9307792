"""Every table's promise on one page: its row, columns, key, partitions and constraints.

``docs/tables.md`` is generated from here. Ids are dense ints given once and kept for ever; times are
UTC; ``as_of`` is the instant a derived row speaks of: only plays before it are in the row.
"""

from dataclasses import dataclass, field

HALF_LIVES_DAYS = (1, 3, 7, 14, 30, 60, 120, 365)
LAST_PLAYS = (50, 150, 500, 2000)
CUTOFFS = (5, 10, 40, 100)
METRICS = ("precision", "recall", "recall_capped", "map", "ndcg")
SOURCE_ID = "bigint or string"


@dataclass(frozen=True)
class Column:
    """One column: ``type`` as Spark writes it; several joined by ' or ' are all accepted."""

    name: str
    type: str
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Contract:
    """A table's promise. ``of_item_kind`` tables lie in the namespace of their item kind."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    constraints: dict[str, str] = field(default_factory=dict)
    of_item_kind: bool = True
    retention: str = "for ever"
    target_file_mb: int = 128

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


AS_OF = Column("as_of", "timestamp", "instant the row speaks of; only earlier plays are in it")
USER = Column("user_id", "int", "listener, dense id from `users`")
ITEM = Column("item_id", "int", "item (track or artist), dense id")


def decayed_columns(of: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"decayed_{days}d", "double", f"{of}, each play halved every {days} days of age")
        for days in HALF_LIVES_DAYS
    )


PAIR_STATE = (
    Column("plays", "bigint", "plays of the item by the listener"),
    Column("days", "int", "distinct UTC days with a play"),
    Column("first_played_at", "timestamp", "the first play"),
    Column("last_played_at", "timestamp", "the newest play"),
    Column("streak_first_day", "date", "first day of the run of consecutive days that ends last"),
    Column("streak_last_day", "date", "last day of that run"),
    Column("streak_plays", "bigint", "plays within that run"),
    *decayed_columns("plays"),
    Column("valued_at", "timestamp", "instant the decayed sums are valued at"),
)

DELIVERIES = Contract(
    "deliveries",
    "One file of one delivery, with its two ledgers: rows and plays.",
    (
        Column(
            "delivery_id", "string", "fingerprint of the content; the same content, the same id"
        ),
        Column("kind", "string", "full or increment"),
        Column("received_until", "timestamp", "a later play was in the future"),
        Column("file", "string", "name of the file within the delivery"),
        Column("rows", "bigint", "rows in the file's footer"),
        Column("rows_kept", "bigint", "rows whose list was exploded"),
        Column("rows_rejected", "bigint", "rows without a listener or a list"),
        Column("rows_empty", "bigint", "rows with an empty list"),
        Column("plays", "bigint", "elements of all lists"),
        Column("plays_kept", "bigint", "plays new to `plays`"),
        Column("plays_rejected", "bigint", "plays in `rejected_plays`"),
        Column("plays_duplicate", "bigint", "plays that were there already"),
        Column("size_mismatches", "bigint", "rows whose stated size is not their list's length"),
        Column("split_listeners", "bigint", "listeners with several rows in the delivery"),
        Column("rows_rejected_by_reason", "map<string,bigint>", "rejected rows by reason"),
        Column("plays_rejected_by_reason", "map<string,bigint>", "rejected plays by reason"),
    ),
    key=("delivery_id", "file"),
    constraints={
        "rows_balance": "rows = rows_kept + rows_rejected + rows_empty",
        "plays_balance": "plays = plays_kept + plays_rejected + plays_duplicate",
        "known_kind": "kind IN ('full', 'increment')",
    },
    of_item_kind=False,
)

PLAYS = Contract(
    "plays",
    "One play (or skip, dislike) of a track by a listener; duplicates are kept once.",
    (
        USER,
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("played_at", "timestamp", "when, to the second"),
        Column("weight", "int", "1 = a play; negative = skip or dislike, outside all counts"),
        Column("month", "date", "first day of the month of `played_at`"),
    ),
    key=("user_id", "played_at", "track_id", "weight", "month"),
    partitions=("month",),
    constraints={"weight_not_zero": "weight <> 0"},
    of_item_kind=False,
)

REJECTED_PLAYS = Contract(
    "rejected_plays",
    "One play that could not be taken, as it came, with the reason.",
    (
        Column("delivery_id", "string", "delivery it came with"),
        Column("file", "string", "file it came in"),
        Column("source_user_id", "string", "the source's listener, as text", nullable=True),
        Column("source_track_id", "string", "the source's track, as text", nullable=True),
        Column("played_at_text", "string", "the time as it came", nullable=True),
        Column("weight", "bigint", "weight as it came", nullable=True),
        Column("reason", "string", "why it was rejected"),
    ),
    partitions=("delivery_id",),
    of_item_kind=False,
)

USERS = Contract(
    "users",
    "One listener; ids are given in the order of (first play, source id) within a delivery.",
    (USER, Column("source_user_id", SOURCE_ID, "the source's own id")),
    key=("user_id",),
    of_item_kind=False,
)

TRACKS = Contract(
    "tracks",
    "One track of the catalogue; it exists, as of D, from its first play before D.",
    (
        Column("track_id", "int", "dense id, in the order of (first play, source id)"),
        Column("source_track_id", SOURCE_ID, "the source's own index"),
        Column("source_track_key", "string", "the source's text id, if any", nullable=True),
        Column("artist_id", "int", "artist, dense id from `artists`", nullable=True),
        Column("track_name", "string", "name", nullable=True),
        Column("year_category", "string", "release era, an open vocabulary", nullable=True),
        Column("domain", "string", "probably home or overseas catalogue", nullable=True),
        Column("genre_ids", "array<bigint>", "genres", nullable=True),
        Column(
            "source_play_count",
            "bigint",
            "the source's undated count: knows the future, never a feature",
            nullable=True,
        ),
    ),
    key=("track_id",),
    of_item_kind=False,
)

ARTISTS = Contract(
    "artists",
    "One artist of the catalogue.",
    (
        Column("artist_id", "int", "dense id, in the order of (first play, source id)"),
        Column("source_artist_id", "string", "the source's id, or the name where it has none"),
        Column("artist_name", "string", "name", nullable=True),
    ),
    key=("artist_id",),
    of_item_kind=False,
)

PAIR_CHECKPOINTS = Contract(
    "pair_checkpoints",
    "One (listener, item) with a play before the first of a month.",
    (AS_OF, Column("user_bucket", "int", "user_id modulo the buckets"), USER, ITEM, *PAIR_STATE),
    key=("as_of", "user_bucket", "user_id", "item_id"),
    partitions=("as_of", "user_bucket"),
    constraints={"played": "plays > 0"},
)

PAIR_HISTORY = Contract(
    "pair_history",
    "One (listener, item) with a play before as_of.",
    (
        AS_OF,
        USER,
        ITEM,
        *PAIR_STATE,
        *(
            Column(f"plays_in_last_{n}", "int", f"plays among the listener's last {n}")
            for n in LAST_PLAYS
        ),
        Column(
            "plays_since",
            "int",
            "plays by the listener since this item's newest; null beyond `histories`",
            nullable=True,
        ),
    ),
    key=("as_of", "user_id", "item_id"),
    partitions=("as_of",),
    constraints={"played": "plays > 0", "past_only": "last_played_at < as_of"},
)

HISTORIES = Contract(
    "histories",
    "One listener: the last plays, newest first; plays of one instant by larger item id first.",
    (
        AS_OF,
        USER,
        Column("item_ids", "array<int>", "items played, newest first"),
        Column("played_at", "array<timestamp>", "when, in the same order"),
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

ITEM_STATS = Contract(
    "item_stats",
    "One item with a play before as_of: the catalogue as of that instant.",
    (
        AS_OF,
        ITEM,
        Column("users", "bigint", "listeners who played it"),
        Column("repeaters", "bigint", "listeners who played it more than once"),
        Column("plays", "bigint", "plays"),
        Column("repeat_rate", "double", "share of its plays that were not a listener's first"),
        Column("first_played_at", "timestamp", "the first play by anyone"),
        Column("last_played_at", "timestamp", "the newest play by anyone"),
        *decayed_columns("plays"),
        Column("trend", "double", "ln of (week's pace + 1) over (two months' pace + 1)"),
    ),
    key=("as_of", "item_id"),
    partitions=("as_of",),
)

USER_PROFILE = Contract(
    "user_profile",
    "One listener with a play before as_of.",
    (
        AS_OF,
        USER,
        Column("plays", "bigint", "plays"),
        Column("items", "bigint", "distinct items"),
        Column("repeat_rate", "double", "share of plays that were not the first of their item"),
        Column("breadth", "double", "effective number of items: exp of the entropy of plays"),
        Column("first_played_at", "timestamp", "the first play"),
        Column("last_played_at", "timestamp", "the newest play"),
        *decayed_columns("plays"),
        Column(
            "decayed_items_30d", "double", "items, each halved every 30 days since first played"
        ),
        Column("hour_shares", "array<double>", "share of recent plays by hour of day, UTC"),
        Column("weekday_shares", "array<double>", "share of recent plays by weekday, Monday first"),
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

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
    (AS_OF, ITEM, FACTORS),
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
    "One (listener, item) that some source proposes as of as_of.",
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

LISTS = ("mixed", "repeats", "new")


def recommendations(item_kind: str) -> Contract:
    return Contract(
        "recommendations",
        "One place of one list of one listener; equal scores go to the smaller id.",
        (
            AS_OF,
            USER,
            Column("source_user_id", SOURCE_ID, "the source's listener"),
            Column("list", "string", "mixed, repeats (played before) or new (never played)"),
            Column("rank", "int", "place in the list, from 1"),
            Column(f"{item_kind}_id", "int", "recommended item"),
            Column(f"source_{item_kind}_id", SOURCE_ID, "the source's item"),
            Column("score", "double", "the ranker's score, comparable within a listener"),
            Column("source", "string", "candidate sources that proposed it, joined by +"),
            Column("last_played_at", "timestamp", "newest play by the listener", nullable=True),
        ),
        key=("as_of", "user_id", "list", "rank"),
        partitions=("as_of",),
        constraints={
            "known_list": "list IN ('mixed', 'repeats', 'new')",
            "from_one": "rank >= 1",
        },
    )


TARGETS = ("all", "repeats", "new")
EVALUATIONS = Contract(
    "evaluations",
    "One listener's metrics by one method for one target: all, repeats or new test items.",
    (
        AS_OF,
        Column("horizon", "string", "days of test plays, or to_end"),
        Column("method", "string", "name from `docs/methods.md`"),
        Column("target", "string", "all, repeats or new"),
        USER,
        Column("test_items", "int", "distinct test items of the target; at least 1"),
        *(
            Column(f"{metric}_{k}", "double", f"{metric} at {k}")
            for metric in METRICS
            for k in CUTOFFS
        ),
    ),
    key=("as_of", "horizon", "method", "target", "user_id"),
    partitions=("as_of", "horizon"),
)

METHOD_LISTS = Contract(
    "method_lists",
    "One listener's lists by one method of a comparison, best first.",
    (
        AS_OF,
        Column("method", "string", "name from `docs/methods.md`"),
        USER,
        Column("mixed", "array<int>", "played and unplayed items"),
        Column("repeats", "array<int>", "played items"),
        Column("new", "array<int>", "unplayed items"),
    ),
    key=("as_of", "method", "user_id"),
    partitions=("as_of",),
)

SPLIT_LISTENERS = Contract(
    "split_listeners",
    "One listener of a comparison: who takes part, and who is held out for validation.",
    (
        USER,
        Column("role", "string", "train or validation"),
        Column("validation_border", "timestamp", "a validation listener's training ends before it"),
        Column("test_border", "timestamp", "plays at or after it are the test"),
    ),
    key=("user_id",),
    constraints={"known_role": "role IN ('train', 'validation')"},
    of_item_kind=False,
)

SPLIT_ITEMS = Contract(
    "split_items",
    "One track that a comparison keeps, drawn by its plays of the whole log (for parity only).",
    (
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("plays", "bigint", "events of the whole log, the test included"),
    ),
    key=("track_id",),
    of_item_kind=False,
)

RUNS = Contract(
    "runs",
    "One run of one step.",
    (
        Column("run_id", "string", "of the whole night"),
        Column("step", "string", "name of the step"),
        Column("item_kind", "string", "track or artist"),
        Column("as_of", "timestamp", "as-of instant, if the step has one", nullable=True),
        Column("started_at", "timestamp", "when it began"),
        Column("seconds", "double", "how long it took"),
        Column("rows", "bigint", "rows written"),
        Column("outcome", "string", "ok, skipped, or the name of the error"),
        Column("settings_hash", "string", "hash of the settings that can change a result"),
        Column("code_version", "string", "version of the package"),
        Column("versions_read", "map<string,bigint>", "Delta version of each table read"),
        Column("versions_written", "map<string,bigint>", "Delta version of each table written"),
    ),
    of_item_kind=False,
)


def contracts(item_kind: str = "track") -> dict[str, Contract]:
    """All contracts by table name, in the order of the way of the data."""
    every = (
        DELIVERIES,
        PLAYS,
        REJECTED_PLAYS,
        USERS,
        TRACKS,
        ARTISTS,
        PAIR_CHECKPOINTS,
        PAIR_HISTORY,
        HISTORIES,
        ITEM_STATS,
        USER_PROFILE,
        ALS_USER_FACTORS,
        ALS_ITEM_FACTORS,
        ALS_LISTS,
        CANDIDATES,
        SAMPLES,
        MODELS,
        recommendations(item_kind),
        METHOD_LISTS,
        EVALUATIONS,
        SPLIT_LISTENERS,
        SPLIT_ITEMS,
        RUNS,
    )
    return {contract.name: contract for contract in every}
