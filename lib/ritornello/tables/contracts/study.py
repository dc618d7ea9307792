"""What a comparison of methods splits and lists."""

from ritornello.tables.contracts.contract import AS_OF, USER, Column, Contract

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

TABLES = (METHOD_LISTS, SPLIT_LISTENERS, SPLIT_ITEMS)
