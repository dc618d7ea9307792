"""Contracts of checks, publication, exposures, outcomes and shadow lists."""

from ritornello.tables.contracts.contract import AS_OF, ITEM, KIND, RUN, USER, Column, Contract

BARS = Contract(
    "bars",
    "One row per rule about what may not be served, to everybody or to one listener.",
    (
        Column("source_user_id", "string", "the listener's key in the source; empty: everybody"),
        Column("what", "string", "track, artist or explicit"),
        Column("source_id", "string", "the source's key of the track or artist, else empty"),
        Column("since", "timestamp", "time when the rule was made"),
    ),
    key=("source_user_id", "what", "source_id"),
    constraints={"known_what": "what IN ('track', 'artist', 'explicit')"},
    of_item_kind=False,
)

CHECKS = Contract(
    "checks",
    "One row per check of a run, with the measured value, its limits and the outcome.",
    (
        RUN,
        Column("step", "string", "step that was checked; for a shadow, with the ranker's version"),
        KIND,
        Column("as_of", "timestamp", "as-of instant of the step"),
        Column("checked_at", "timestamp", "time of the check"),
        Column(
            "check",
            "string",
            "name of the check: a setting under `audit` or `volume`, or a live metric",
        ),
        Column("value", "double", "measured value; null: nothing to measure", nullable=True),
        Column("warn", "double", "limit beyond which the check warns", nullable=True),
        Column("error", "double", "limit beyond which the check fails", nullable=True),
        Column("outcome", "string", "ok, warn, error, or none if nothing was measured"),
        Column("table_versions", "map<string,bigint>", "Delta version of each table that was read"),
        Column("settings_hash", "string", "hash of the settings that can change a result"),
        Column("code_version", "string", "version of the package and hash of its source files"),
    ),
    constraints={"known_outcome": "outcome IN ('ok', 'warn', 'error', 'none')"},
    of_item_kind=False,
)

PUBLISHED = Contract(
    "published",
    "One row per change of the served night. The largest sequence of an item kind is in force.",
    (
        KIND,
        Column("sequence", "bigint", "number of the change within the item kind: 1, 2, 3 …"),
        Column("published_at", "timestamp", "time of the publication or rollback"),
        Column(
            "as_of", "timestamp", "the served night: readers take this slice of `recommendations`"
        ),
        Column(
            "recommendations_version",
            "bigint",
            "Delta version of `recommendations` at which they read it",
        ),
        Column("listeners", "bigint", "number of listeners with a list"),
        RUN,
        Column("action", "string", "publish, rollback, or bar: places were taken out of the lists"),
        Column("versions", "map<string,bigint>", "Delta version of each table behind the lists"),
    ),
    key=("item_kind", "sequence"),
    constraints={
        "known_action": "action IN ('publish', 'rollback', 'bar')",
        "from_one": "sequence >= 1",
    },
    of_item_kind=False,
    version=2,
)

PLACE = (
    Column("rank", "int", "place in the list that was shown, from 1"),
    ITEM,
    Column("is_repeat", "boolean", "whether the listener played the item before the night"),
    Column("source", "string", "candidate sources that proposed it, joined by +"),
    Column(
        "propensity",
        "double",
        "probability that the item was shown; null: 1, since nothing was random",
        nullable=True,
    ),
)

EXPOSURES = Contract(
    "exposures",
    "One row per place shown to a listener on a served night: the first places of explored, or else of "
    "mixed.",
    (AS_OF, USER, *PLACE),
    key=("as_of", "user_id", "rank"),
    partitions=("as_of",),
)

OUTCOMES = Contract(
    "outcomes",
    "One row per place shown to a listener who played anything within the horizon, with its plays.",
    (
        AS_OF,
        USER,
        Column("night", "timestamp", "as-of instant of the lists; the horizon ends at as_of"),
        *PLACE,
        Column("plays", "bigint", "the listener's plays of the item within the horizon"),
        Column(
            "first_played_at",
            "timestamp",
            "time of the first of these plays; null: none",
            nullable=True,
        ),
    ),
    key=("as_of", "user_id", "rank"),
    partitions=("as_of",),
)

SHADOW_LISTS = Contract(
    "shadow_lists",
    "One row per listener and place, among the first places of the mixed list that a shadow ranker "
    "would have served.",
    (
        AS_OF,
        Column("ranker", "string", "version of the ranker in `models`"),
        USER,
        Column("rank", "int", "place in the list, from 1"),
        ITEM,
        Column("score", "double", "score by that ranker"),
        Column("source", "string", "candidate sources that proposed it, joined by +"),
        Column(
            "last_played_at",
            "timestamp",
            "the listener's newest play of the item; null: never played",
            nullable=True,
        ),
    ),
    key=("as_of", "user_id", "rank"),
    partitions=("as_of",),
)

TABLES = (BARS, CHECKS, PUBLISHED, EXPOSURES, OUTCOMES, SHADOW_LISTS)
