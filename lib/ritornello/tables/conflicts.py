"""Errors of Delta and Spark that a person or a retry can mend, under names of our own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from ritornello.errors import ConflictError, ContractError, RowBudgetError

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
# Delta's own text goes on with the values of a row, and a row is about a listener
VIOLATED = re.compile(r"(?:CHECK constraint|NOT NULL constraint violated for column:) (\w+)")


@contextmanager
def named_errors(table: str) -> Iterator[None]:
    """Raise an error of our own where Spark's means one; the values of no row are told."""
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
        if violated := VIOLATED.search(text):
            raise ContractError(f"table {table}: a row breaks {violated.group(1)}") from None
        raise


def _over_budget(table: str) -> str:
    return (
        f"table {table}: a step was about to write more rows than its budget allows and was "
        "stopped, the table is as it was: look for a join that multiplies rows, or raise "
        "night.rows_per_play or night.least_row_budget"
    )
