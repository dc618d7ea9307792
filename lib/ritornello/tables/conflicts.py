"""Errors of Delta and Spark that a person or a retry can mend, under names of our own."""

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from ritornello.errors import ConflictError, RowBudgetError

# each of them says: another writer was there between this one's read and its commit
CONFLICTS = (
    "ConcurrentAppendException",
    "ConcurrentDeleteReadException",
    "ConcurrentDeleteDeleteException",
    "ConcurrentTransactionException",
    "ConcurrentWriteException",
    "MetadataChangedException",
    "ProtocolChangedException",
    "DELTA_CONCURRENT_",
)
OVER_BUDGET = "ritornello row budget"


@contextmanager
def named_errors(table: str) -> Iterator[None]:
    """Raise ConflictError or RowBudgetError where Spark's error means one of them."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        text = f"{type(error).__name__} {error}"
        if OVER_BUDGET in text:
            raise RowBudgetError(_over_budget(table)) from None
        if any(name in text for name in CONFLICTS):
            raise ConflictError(
                f"table {table}: another run wrote the same slice meanwhile; "
                "run the same command again"
            ) from None
        raise


def _over_budget(table: str) -> str:
    return (
        f"table {table}: a step was about to write more rows than its budget allows and was "
        "stopped, the table is as it was: look for a join that multiplies rows, or raise "
        "night.rows_per_play or night.least_row_budget"
    )
