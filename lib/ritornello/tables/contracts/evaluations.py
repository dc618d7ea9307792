"""What is published, and how it was judged."""

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
    "One listener's metrics by one method for one target: all, repeats or new test items.",
    (
        AS_OF,
        Column("horizon", "string", "days of test plays, or to_end"),
        Column("method", "string", "name from `docs/methods.md`"),
        Column("target", "string", "all, repeats or new"),
        USER,
        Column("test_items", "int", "distinct test items of the target; at least 1"),
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
