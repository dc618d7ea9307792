"""What is published, and how it was judged."""

from ritornello.tables.contracts.contract import (
    AS_OF,
    CUTOFFS,
    METRICS,
    SOURCE_ID,
    USER,
    Column,
    Contract,
)

LISTS = ("mixed", "repeats", "new", "explored")


def recommendations(item_kind: str) -> Contract:
    return Contract(
        "recommendations",
        "One place of one list of one listener; equal scores go to the smaller id.",
        (
            AS_OF,
            USER,
            Column("source_user_id", SOURCE_ID, "the source's listener"),
            Column(
                "list", "string", "mixed, repeats (played before), new (never played) or explored"
            ),
            Column("rank", "int", "place in the list, from 1"),
            Column(f"{item_kind}_id", "int", "recommended item"),
            Column(f"source_{item_kind}_id", SOURCE_ID, "the source's item"),
            Column("score", "double", "the ranker's score, comparable within a listener"),
            Column("source", "string", "candidate sources that proposed it, joined by +"),
            Column("last_played_at", "timestamp", "newest play by the listener", nullable=True),
            Column(
                "propensity",
                "double",
                "in explored: the chance that the item had of a place there",
                nullable=True,
            ),
        ),
        key=("as_of", "user_id", "list", "rank"),
        partitions=("as_of",),
        constraints={
            "known_list": "list IN ('mixed', 'repeats', 'new', 'explored')",
            "from_one": "rank >= 1",
        },
        version=2,
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


def tables(item_kind: str) -> tuple[Contract, ...]:
    """Published items are named by their kind."""
    return (recommendations(item_kind), EVALUATIONS)
