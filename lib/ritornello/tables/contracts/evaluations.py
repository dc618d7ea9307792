"""Contract of the evaluations of methods."""

from ritornello.tables.contracts.contract import (
    AS_OF,
    CUTOFFS,
    METRICS,
    USER,
    Column,
    Contract,
)

TARGETS = ("all", "repeats", "new")
EVALUATIONS = Contract(
    "evaluations",
    "One row per listener, method and target (all, repeats or new test items), with its metrics.",
    (
        AS_OF,
        Column("horizon", "string", "days of test plays, or to_end for all of them"),
        Column("method", "string", "method, by its name in `docs/methods.md`"),
        Column("target", "string", "test items that count: all, repeats or new"),
        USER,
        Column("test_items", "int", "number of distinct test items of the target, at least 1"),
        *(
            Column(f"{metric}_{k}", "double", f"{metric} at {k}")
            for metric in METRICS
            for k in CUTOFFS
        ),
    ),
    key=("as_of", "horizon", "method", "target", "user_id"),
    partitions=("as_of", "horizon"),
)


TABLES = (EVALUATIONS,)
