"""Contracts of publication: checks, the served night, exposures, outcomes, the shadow."""

from ritornello.tables.contracts.contract import AS_OF, ITEM, KIND, RUN, USER, Column, Contract

CHECKS = Contract(
    "checks",
    "One check of one run: what was measured, and what it means.",
    (
        RUN,
        Column("step", "string", "step that was checked; of a shadow with the ranker's version"),
        KIND,
        Column("as_of", "timestamp", "as-of instant of the step"),
        Column("checked_at", "timestamp", "when"),
        Column(
            "check", "string", "name of the check: of the settings under `audit`, or a live metric"
        ),
        Column("value", "double", "what was measured; null: nothing to measure", nullable=True),
        Column("warn", "double", "beyond it the check warns", nullable=True),
        Column("error", "double", "beyond it the check fails", nullable=True),
        Column("outcome", "string", "ok, warn, error, or none where nothing was measured"),
        Column("table_versions", "map<string,bigint>", "Delta version of each table it looked at"),
        Column("settings_hash", "string", "hash of the settings that can change a result"),
        Column("code_version", "string", "version of the package and hash of its sources"),
    ),
    constraints={"known_outcome": "outcome IN ('ok', 'warn', 'error', 'none')"},
    of_item_kind=False,
)

PUBLISHED = Contract(
    "published",
    "One change of the night that is served; of an item kind the largest sequence holds.",
    (
        KIND,
        Column("sequence", "bigint", "1, 2, 3 … within the item kind"),
        Column("published_at", "timestamp", "when it was published or brought back"),
        Column("as_of", "timestamp", "the night: readers take this slice of `recommendations`"),
        Column("recommendations_version", "bigint", "at this Delta version of `recommendations`"),
        Column("listeners", "bigint", "listeners with a list"),
        RUN,
        Column("action", "string", "publish or rollback"),
        Column("versions", "map<string,bigint>", "Delta versions of the tables behind the lists"),
    ),
    key=("item_kind", "sequence"),
    constraints={
        "known_action": "action IN ('publish', 'rollback')",
        "from_one": "sequence >= 1",
    },
    of_item_kind=False,
)

PLACE = (
    Column("rank", "int", "place in the list that was shown, from 1"),
    ITEM,
    Column("is_repeat", "boolean", "played before the night"),
    Column("source", "string", "candidate sources that proposed it, joined by +"),
    Column(
        "propensity",
        "double",
        "chance the item had to be shown; null: 1, by no draw",
        nullable=True,
    ),
)

EXPOSURES = Contract(
    "exposures",
    "One of the first places shown to a listener of a night that was served: explored, else mixed.",
    (AS_OF, USER, *PLACE),
    key=("as_of", "user_id", "rank"),
    partitions=("as_of",),
)

OUTCOMES = Contract(
    "outcomes",
    "One place that was shown to a listener who listened within the horizon, and what came of it.",
    (
        AS_OF,
        USER,
        Column("night", "timestamp", "as-of instant of the lists; the horizon ends at as_of"),
        *PLACE,
        Column("plays", "bigint", "plays of the item by the listener within the horizon"),
        Column("first_played_at", "timestamp", "the first of them", nullable=True),
    ),
    key=("as_of", "user_id", "rank"),
    partitions=("as_of",),
)

SHADOW_LISTS = Contract(
    "shadow_lists",
    "One of the first places of the mixed list that a ranker in the shadow would have served.",
    (
        AS_OF,
        Column("ranker", "string", "its version in `models`"),
        USER,
        Column("rank", "int", "place in the list, from 1"),
        ITEM,
        Column("score", "double", "that ranker's score"),
        Column("source", "string", "candidate sources that proposed it, joined by +"),
        Column("last_played_at", "timestamp", "newest play by the listener", nullable=True),
    ),
    key=("as_of", "user_id", "rank"),
    partitions=("as_of",),
)

TABLES = (CHECKS, PUBLISHED, EXPOSURES, OUTCOMES, SHADOW_LISTS)
