"""What was played before an instant: by pair, in order, by item and by listener."""

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

PLAYS_VERSION = Column(
    "plays_version", "bigint", "version of `plays` it was counted from: lineage, not content"
)

PAIR_CHECKPOINTS = Contract(
    "pair_checkpoints",
    "One (listener, item) played in the month that ends at as_of, counted for that month alone.",
    (
        AS_OF,
        Column("user_bucket", "int", "user_id modulo the buckets"),
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
    "One (listener, item) with a play before as_of; written on whole nights.",
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
    "One listener: the last plays, newest first, then by larger item id; written on whole nights.",
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
        PLAYS_VERSION,
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
        Column("plays_log_plays", "double", "sum of n ln n over items played n times"),
        Column("first_played_at", "timestamp", "the first play"),
        Column("last_played_at", "timestamp", "the newest play"),
        *decayed_columns("plays"),
        Column(
            "decayed_items_30d", "double", "items, each halved every 30 days since first played"
        ),
        Column("rhythm_days", "int", "days before as_of whose plays the rhythm counts"),
        Column("hour_plays", "array<int>", "recent plays by hour of day, UTC"),
        Column("weekday_plays", "array<int>", "recent plays by weekday, Monday first"),
        Column("hour_shares", "array<double>", "share of recent plays by hour of day, UTC"),
        Column("weekday_shares", "array<double>", "share of recent plays by weekday, Monday first"),
        PLAYS_VERSION,
    ),
    key=("as_of", "user_id"),
    partitions=("as_of",),
)

TRANSITION_MONTHS = Contract(
    "transition_months",
    "One (item, next item): how often it followed within sessions in the month that ends at as_of.",
    (
        AS_OF,
        ITEM,
        Column("next_item_id", "int", "the item that followed"),
        Column("weight", "double", "1, 1/2, 1/3 by distance; at most 3 by listener and month"),
        Column("first_user", "int", "smallest id of the listeners who went this way"),
        Column("last_user", "int", "largest id of them; the same: one listener alone"),
        PLAYS_VERSION,
    ),
    key=("as_of", "item_id", "next_item_id"),
    partitions=("as_of",),
    constraints={"other_item": "item_id <> next_item_id", "ordered": "first_user <= last_user"},
)

HALF_LIFE = Column("half_life_days", "double", "days in which a month's weights fade by half")

TRANSITION_SUMS = Contract(
    "transition_sums",
    "One (item, next item) that followed in any month before as_of, the first of a month, and that "
    "is not among the item's best in transitions.",
    (
        AS_OF,
        ITEM,
        Column("next_item_id", "int", "the item that followed"),
        Column("weight", "double", "weights of all months, each faded since its end"),
        Column("first_user", "int", "smallest id of the listeners who went this way"),
        Column("last_user", "int", "largest id of them; the same: one listener alone"),
        HALF_LIFE,
        PLAYS_VERSION,
    ),
    key=("as_of", "item_id", "next_item_id"),
    partitions=("as_of",),
    version=2,
)

TRANSITIONS = Contract(
    "transitions",
    "One (item, next item) of the item's best 100 before as_of, the first of a month.",
    (
        AS_OF,
        ITEM,
        Column("next_item_id", "int", "the item that followed"),
        Column("weight", "double", "weights of all months, each faded since its end"),
        Column("rank", "int", "place among the item's, from 1"),
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
