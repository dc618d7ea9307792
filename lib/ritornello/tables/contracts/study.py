"""Contracts of a comparison of methods: its split and its lists."""

from ritornello.tables.contracts.contract import AS_OF, USER, Column, Contract

METHOD_LISTS = Contract(
    "method_lists",
    "One row per listener and method of a comparison, with lists, best first.",
    (
        AS_OF,
        Column("method", "string", "method, by its name in `docs/methods.md`"),
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
    "One row per listener who takes part in a comparison, with the role in it.",
    (
        USER,
        Column("role", "string", "train, or validation (held out)"),
        Column(
            "validation_border",
            "timestamp",
            "validation listeners train on plays before this instant",
        ),
        Column("test_border", "timestamp", "plays from this instant on are the test"),
    ),
    key=("user_id",),
    constraints={"known_role": "role IN ('train', 'validation')"},
    of_item_kind=False,
)

SPLIT_ITEMS = Contract(
    "split_items",
    "One row per track that a comparison keeps, drawn by its plays in the whole log. For parity with "
    "the paper only.",
    (
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("plays", "bigint", "number of events in the whole log, the test included"),
    ),
    key=("track_id",),
    of_item_kind=False,
)

TABLES = (METHOD_LISTS, SPLIT_LISTENERS, SPLIT_ITEMS)
