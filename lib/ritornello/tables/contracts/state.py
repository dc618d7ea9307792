"""Contracts of the listening state: pairs, histories, items, listeners and transitions."""

from ritornello.tables.contracts.contract import (
    AS_OF,
    ITEM,
    LAST_PLAYS,
    USER,
    Column,
    Contract,
    decayed_columns,
)

PAIR_STATE = (
    Column("plays", "bigint", "the listener's plays of the item"),
    Column("days", "int", "number of UTC days with a play"),
    Column("first_played_at", "timestamp", "the first play"),
    Column("last_played_at", "timestamp", "the newest play"),
    Column(
        "streak_first_day", "date", "first day of the latest run of consecutive days with a play"
    ),
    Column("streak_last_day", "date", "last day of that run"),
    Column("streak_plays", "bigint", "number of plays within that run"),
    *decayed_columns("plays"),
    Column("valued_at", "timestamp", "instant to which the decayed sums refer"),
)

PLAYS_VERSION = Column(
    "plays_version", "bigint", "version of `plays` that was counted; lineage, not content"
)

PAIR_CHECKPOINTS = Contract(
    "pair_checkpoints",
    "One row per listener and item played in the month that ends at as_of, for that month alone.",
    (
        AS_OF,
        Column("user_bucket", "int", "user_id modulo the number of buckets"),
        USER,
        ITEM,
        *PAIR_STATE,
        PLAYS_VERSION,
    ),
    key=("as_of", "user_bucket", "user_id", "item_id"),
    partitions=("as_of", "user_bucket"),
    constraints={"played": "plays > 0"},
)

PAIR_HISTORY = Contract(
    "pair_history",
    "One row per listener and item with a play before as_of. Only whole nights write it.",
    (
        AS_OF,
        USER,
        ITEM,
        *PAIR_STATE,
        *(
            Column(f"plays_in_last_{n}", "int", f"plays of the item among the listener's last {n}")
            for n in LAST_PLAYS
        ),
        Column(
            "plays_since",
            "int",
            "the listener's plays since the newest one of this item; null beyond `histories`",
            nullable=True,
        ),
    ),
    key=("as_of", "user_id", "item_id"),
    partitions=("as_of",),
    constraints={"played": "plays > 0", "past_only": "last_played_at < as_of"},
)

HISTORIES = Contract(
    "histories",
    "One row per listener with the last plays, newest first, then by larger item id. Only whole "
    "nights write it.",
    (
        AS_OF,
        USER,
        Column("item_ids", "array<int>", "items played, newest first"),
        Column("played_at", "array<timestamp>", "times of these plays, in the same order"),
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

ITEM_STATS = Contract(
    "item_stats",
    "One row per item with a play before as_of, which is the catalogue as of that instant.",
    (
        AS_OF,
        ITEM,
        Column("users", "bigint", "number of listeners who played it"),
        Column("repeaters", "bigint", "number of listeners who played it more than once"),
        Column("plays", "bigint", "number of plays"),
        Column(
            "repeat_rate", "double", "share of plays that were not the listener's first of the item"
        ),
        Column("first_played_at", "timestamp", "the first play by anyone"),
        Column("last_played_at", "timestamp", "the newest play by anyone"),
        *decayed_columns("plays"),
        Column(
            "trend",
            "double",
            "ln((a + 1) / (b + 1)), plays per day with half-lives of 7 (a) and 60 days (b)",
        ),
        PLAYS_VERSION,
    ),
    key=("as_of", "item_id"),
    partitions=("as_of",),
)

USER_PROFILE = Contract(
    "user_profile",
    "One row per listener with a play before as_of.",
    (
        AS_OF,
        USER,
        Column("plays", "bigint", "number of plays"),
        Column("items", "bigint", "number of distinct items"),
        Column("repeat_rate", "double", "share of plays that were not the first of their item"),
        Column(
            "breadth", "double", "effective number of items: exp of the entropy of plays over items"
        ),
        Column("plays_log_plays", "double", "sum of n ln n over items played n times"),
        Column("first_played_at", "timestamp", "the first play"),
        Column("last_played_at", "timestamp", "the newest play"),
        *decayed_columns("plays"),
        Column(
            "decayed_items_30d",
            "double",
            "number of items, decayed since their first play with a half-life of 30 days",
        ),
        Column(
            "rhythm_days",
            "int",
            "number of days before as_of whose plays count in the next four columns",
        ),
        Column("hour_plays", "array<int>", "number of recent plays by hour of day, UTC"),
        Column("weekday_plays", "array<int>", "number of recent plays by weekday, Monday first"),
        Column("hour_shares", "array<double>", "share of recent plays by hour of day, UTC"),
        Column("weekday_shares", "array<double>", "share of recent plays by weekday, Monday first"),
        PLAYS_VERSION,
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

TRANSITION_MONTHS = Contract(
    "transition_months",
    "One row per item and next item that followed it within a session in the month that ends at "
    "as_of.",
    (
        AS_OF,
        ITEM,
        Column("next_item_id", "int", "the item that followed"),
        Column(
            "weight", "double", "sum of 1, 1/2 or 1/3 by distance, at most 3 per listener and month"
        ),
        Column("first_user", "int", "smallest user_id among the listeners who made the step"),
        Column(
            "last_user", "int", "largest such user_id; equal to first_user if one listener made it"
        ),
        PLAYS_VERSION,
    ),
    key=("as_of", "item_id", "next_item_id"),
    partitions=("as_of",),
    constraints={"other_item": "item_id <> next_item_id", "ordered": "first_user <= last_user"},
)

HALF_LIFE = Column(
    "half_life_days", "double", "half-life in days with which a month's weights fade"
)

TRANSITION_SUMS = Contract(
    "transition_sums",
    "One row per item and next item in all months before as_of (the first of a month), without the "
    "item's best ones, which are in `transitions`.",
    (
        AS_OF,
        ITEM,
        Column("next_item_id", "int", "the item that followed"),
        Column("weight", "double", "sum over all months, each faded since its end"),
        Column("first_user", "int", "smallest user_id among the listeners who made the step"),
        Column(
            "last_user", "int", "largest such user_id; equal to first_user if one listener made it"
        ),
        HALF_LIFE,
        PLAYS_VERSION,
    ),
    key=("as_of", "item_id", "next_item_id"),
    partitions=("as_of",),
    version=2,
)

TRANSITIONS = Contract(
    "transitions",
    "One row per item and next item among the best 100 before as_of (the first of a month).",
    (
        AS_OF,
        ITEM,
        Column("next_item_id", "int", "the item that followed"),
        Column("weight", "double", "sum over all months, each faded since its end"),
        Column("rank", "int", "place among the item's best, from 1"),
        HALF_LIFE,
        PLAYS_VERSION,
    ),
    key=("as_of", "item_id", "next_item_id"),
    partitions=("as_of",),
)

TABLES = (
    PAIR_CHECKPOINTS,
    PAIR_HISTORY,
    HISTORIES,
    ITEM_STATS,
    USER_PROFILE,
    TRANSITION_MONTHS,
    TRANSITION_SUMS,
    TRANSITIONS,
)
