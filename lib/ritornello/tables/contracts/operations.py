"""What the operations note of themselves."""

from ritornello.tables.contracts.contract import Column, Contract

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

TABLES = (RUNS,)
