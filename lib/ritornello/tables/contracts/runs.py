"""Contracts of the runs of steps and of leases."""

from ritornello.tables.contracts.contract import KIND, RUN, Column, Contract

RUNS = Contract(
    "runs",
    "One row per run of a step.",
    (
        RUN,
        Column("step", "string", "name of the step"),
        KIND,
        Column("as_of", "timestamp", "as-of instant of the step, if it has one", nullable=True),
        Column("started_at", "timestamp", "time at which it began"),
        Column("seconds", "double", "duration in seconds"),
        Column("rows", "bigint", "number of rows written"),
        Column("outcome", "string", "ok, skipped, or the name of the error"),
        Column("settings_hash", "string", "hash of the settings that can change a result"),
        Column("code_version", "string", "version of the package and hash of its source files"),
        Column("versions_read", "map<string,bigint>", "Delta version of each table read"),
        Column("versions_written", "map<string,bigint>", "Delta version of each table written"),
        Column(
            "inputs",
            "map<string,string>",
            "settings as JSON, version of the code and hash of each slice read, if a graph ran the step",
            nullable=True,
        ),
        Column(
            "outputs",
            "map<string,string>",
            "hash of each slice written, if a graph ran the step",
            nullable=True,
        ),
    ),
    of_item_kind=False,
)


LEASES = Contract(
    "leases",
    "One row per item kind, job and day that a run works on or has worked on.",
    (
        Column("item_kind", "string", "track, artist, or all"),
        Column("job", "string", "name of the job"),
        Column("as_of", "timestamp", "day that the job works on"),
        Column("holder", "string", "run that holds the lease"),
        Column("taken_at", "timestamp", "time at which the run took or renewed the lease"),
        Column("expires_at", "timestamp", "time from which any run may take the lease"),
        Column(
            "process",
            "string",
            "machine, process id and start of the holder, as JSON",
            nullable=True,
        ),
    ),
    key=("item_kind", "job", "as_of"),
    of_item_kind=False,
)


TABLES = (RUNS, LEASES)
