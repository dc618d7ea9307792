"""Contracts of deliveries, plays, listeners, tracks and artists, shared by all item kinds."""

from ritornello.tables.contracts.contract import (
    SOURCE_USER,
    USER,
    Column,
    Contract,
    source_item,
)

DELIVERIES = Contract(
    "deliveries",
    "One row per file of a delivery, with two ledgers that balance: rows and plays.",
    (
        Column("delivery_id", "string", "hash of the content, so the same content has the same id"),
        Column("kind", "string", "full (all plays of its listeners) or increment"),
        Column(
            "received_until", "timestamp", "time of the newest play, or the instant that was stated"
        ),
        Column(
            "received_at",
            "timestamp",
            "instant of the import, or the stated `received_until`; null: before version 0.2.0",
            nullable=True,
        ),
        Column("file", "string", "path of the file within the delivery"),
        Column("rows", "bigint", "number of rows according to the file's footer"),
        Column("rows_kept", "bigint", "rows whose list was split into plays"),
        Column("rows_rejected", "bigint", "rows without a listener or a list"),
        Column("rows_empty", "bigint", "rows with an empty list"),
        Column("plays", "bigint", "number of list elements"),
        Column("plays_kept", "bigint", "plays added to `plays`"),
        Column("plays_rejected", "bigint", "plays written to `rejected_plays`"),
        Column(
            "plays_duplicate",
            "bigint",
            "plays that were stored already, or several times in the delivery",
        ),
        Column(
            "size_mismatches",
            "bigint",
            "rows whose stated size differs from the length of their list",
        ),
        Column("split_listeners", "bigint", "listeners with more than one row in the delivery"),
        Column(
            "rows_rejected_by_reason", "map<string,bigint>", "number of rejected rows by reason"
        ),
        Column(
            "plays_rejected_by_reason", "map<string,bigint>", "number of rejected plays by reason"
        ),
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
    "One row per play, skip or dislike of a track by a listener, without duplicates.",
    (
        USER,
        Column("track_id", "int", "track, dense id from `tracks`"),
        Column("played_at", "timestamp", "time of the play, to the second"),
        Column(
            "weight",
            "int",
            "1: a play; above: a like; negative: a skip or dislike, not counted as a play",
        ),
        Column("month", "date", "first day of the month of `played_at`"),
        Column(
            "received_at",
            "timestamp",
            "instant of the import that first brought the play; null: before version 0.2.0",
            nullable=True,
        ),
    ),
    key=("user_id", "played_at", "track_id", "weight", "month"),
    partitions=("month",),
    constraints={"weight_not_zero": "weight <> 0"},
    of_item_kind=False,
)

CHANGED_LISTENERS = Contract(
    "changed_listeners",
    "One row per listener, month and reason for which a commit changed `plays`.",
    (
        Column("plays_version", "bigint", "version of `plays` that the commit made"),
        USER,
        Column("first_played_at", "timestamp", "time of the earliest changed play"),
        Column("month", "date", "first day of the month of the changed plays"),
        Column("plays", "bigint", "number of changed plays"),
        Column("reason", "string", "added, removed or corrected (now another item)"),
    ),
    key=("plays_version", "user_id", "month", "reason"),
    partitions=("plays_version",),
    constraints={"known_reason": "reason IN ('added', 'removed', 'corrected')"},
    of_item_kind=False,
)

REJECTED_PLAYS = Contract(
    "rejected_plays",
    "One row per rejected play, as it was delivered, with the reason.",
    (
        Column("delivery_id", "string", "delivery that held the play"),
        Column("file", "string", "file that held the play"),
        Column("source_user_id", "string", "the listener's key in the source", nullable=True),
        Column("user_name", "string", "the listener's text key, as delivered", nullable=True),
        Column("source_track_id", "string", "the track's key in the source", nullable=True),
        Column(
            "character_index", "bigint", "number of the listener in the delivery", nullable=True
        ),
        Column("track_index", "bigint", "number of the track in the delivery", nullable=True),
        Column("played_at_text", "string", "time of the play, as delivered", nullable=True),
        Column("weight", "bigint", "weight, as delivered", nullable=True),
        Column("reason", "string", "reason of the rejection"),
    ),
    partitions=("delivery_id",),
    of_item_kind=False,
    version=2,
)

USERS = Contract(
    "users",
    "One row per listener. Within a delivery, ids follow the first play, then the source's id.",
    (
        USER,
        SOURCE_USER,
        Column(
            "user_name",
            "string",
            "the listener's own key in the source, if the delivery had `listeners.parquet`",
            nullable=True,
        ),
    ),
    key=("user_id",),
    of_item_kind=False,
    version=2,
)

TRACKS = Contract(
    "tracks",
    "One row per track. As of an instant, only tracks played before it exist.",
    (
        Column("track_id", "int", "dense id, ordered by first play, then by the source's id"),
        source_item("track"),
        Column(
            "source_track_key",
            "string",
            "the source's text id of the track, if it has one",
            nullable=True,
        ),
        Column("artist_id", "int", "artist, dense id from `artists`", nullable=True),
        Column("track_name", "string", "name of the track", nullable=True),
        Column("year_category", "string", "release era, in the source's own words", nullable=True),
        Column(
            "domain",
            "string",
            "part of the source's catalogue, probably home or overseas",
            nullable=True,
        ),
        Column("genre_ids", "array<bigint>", "the source's ids of the genres", nullable=True),
        Column("duration_ms", "bigint", "length of the track in milliseconds", nullable=True),
        Column("explicit", "boolean", "whether the words are explicit", nullable=True),
        Column(
            "available_from",
            "timestamp",
            "first instant at which the track may be served; null: no limit",
            nullable=True,
        ),
        Column(
            "available_until",
            "timestamp",
            "first instant at which it may not be served any more; null: no limit",
            nullable=True,
        ),
        Column(
            "recording_key",
            "string",
            "the source's id of the recording, which several tracks may have",
            nullable=True,
        ),
        Column(
            "source_play_count",
            "bigint",
            "the source's undated play count; it knows the future, so it is never a feature",
            nullable=True,
        ),
    ),
    key=("track_id",),
    of_item_kind=False,
    version=2,
)

ARTISTS = Contract(
    "artists",
    "One row per artist.",
    (
        Column("artist_id", "int", "dense id, ordered by first play, then by the source's id"),
        Column(
            "source_artist_id",
            "string",
            "the source's id of the artist, or the name if it has none",
        ),
        Column("artist_name", "string", "name of the artist", nullable=True),
    ),
    key=("artist_id",),
    of_item_kind=False,
)

TABLES = (DELIVERIES, PLAYS, CHANGED_LISTENERS, REJECTED_PLAYS, USERS, TRACKS, ARTISTS)
