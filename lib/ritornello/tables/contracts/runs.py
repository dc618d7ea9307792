"""Contracts of the ledgers of work: the runs of steps and the leases."""

from ritornello.tables.contracts.contract import KIND, RUN, Column, Contract

RUNS = Contract(
    "runs",
    "One run of one step.",
    (
        RUN,
        Column("step", "string", "name of the step"),
        KIND,
        Column("as_of", "timestamp", "as-of instant, if the step has one", nullable=True),
        Column("started_at", "timestamp", "when it began"),
        Column("seconds", "double", "how long it took"),
        Column("rows", "bigint", "rows written"),
        Column("outcome", "string", "ok, skipped, or the name of the error"),
        Column("settings_hash", "string", "hash of the settings that can change a result"),
        Column("code_version", "string", "version of the package and hash of its sources"),
        Column("versions_read", "map<string,bigint>", "Delta version of each table read"),
        Column("versions_written", "map<string,bigint>", "Delta version of each table written"),
        Column(
            "inputs",
            "map<string,string>",
            "hash of the settings, of the code and of each slice it took, if a graph ran it",
            nullable=True,
        ),
        Column(
            "outputs",
            "map<string,string>",
            "hash of each slice it left, if a graph ran it",
            nullable=True,
        ),
    ),
    of_item_kind=False,
)


LEASES = Contract(
    "leases",
    "One (item kind, job, day) that somebody works on or has worked on.",
    (
        KIND,
        Column("job", "string", "name of the job"),
        Column("as_of", "timestamp", "the day it works on"),
        Column("holder", "string", "run that has it"),
        Column("taken_at", "timestamp", "since when"),
        Column("expires_at", "timestamp", "from then on anybody may take it"),
    ),
    key=("item_kind", "job", "as_of"),
    of_item_kind=False,
)


TABLES = (RUNS, LEASES)
