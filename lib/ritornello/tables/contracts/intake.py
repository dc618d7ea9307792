"""What was delivered and the catalogue it speaks of: stored once for every item kind."""

from ritornello.tables.contracts.contract import SOURCE_ID, USER, Column, Contract

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

CHANGED_LISTENERS = Contract(
    "changed_listeners",
    "One listener and month whose plays one commit of `plays` changed.",
    (
        Column("plays_version", "bigint", "the version of `plays` that the commit made"),
        USER,
        Column("first_played_at", "timestamp", "the earliest play that it changed"),
        Column("month", "date", "first day of the month of the changed plays"),
        Column("plays", "bigint", "plays that it changed"),
        Column("reason", "string", "added, removed or corrected (another item than before)"),
    ),
    key=("plays_version", "user_id", "month", "reason"),
    partitions=("plays_version",),
    constraints={"known_reason": "reason IN ('added', 'removed', 'corrected')"},
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
    (
        USER,
        Column("source_user_id", SOURCE_ID, "the source's own id"),
        Column(
            "user_name",
            "string",
            "the listener's own key, where the delivery brought `listeners.parquet`",
            nullable=True,
        ),
    ),
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

TABLES = (DELIVERIES, PLAYS, CHANGED_LISTENERS, REJECTED_PLAYS, USERS, TRACKS, ARTISTS)
