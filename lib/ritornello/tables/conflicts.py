"""Translate errors of Delta and Spark that a person or a retry can fix."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from ritornello.errors import ConflictError, ContractError, RowBudgetError

# each of them means that another writer committed between this one's read and its commit
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
# Delta's own text also quotes the row, and a row is about a listener: keep only the name
VIOLATED = re.compile(r"(?:CHECK constraint|NOT NULL constraint violated for column:) (\w+)")


@contextmanager
def named_errors(table: str) -> Iterator[None]:
    """Raise our own error for a known Spark error, without any values of rows."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        text = f"{type(error).__name__} {error}"
        if OVER_BUDGET in text:
            raise RowBudgetError(_over_budget(table)) from None
        if any(name in text for name in CONFLICTS):
            raise ConflictError(
                f"table {table}: another run wrote the same slice at the same time: "
                "run the same command again"
            ) from None
        if violated := VIOLATED.search(text):
            raise ContractError(
                f"table {table}: a row violates the contract ({violated.group(1)})"
            ) from None
        raise


def _over_budget(table: str) -> str:
    return (
        f"table {table}: the write was stopped because it exceeded its row budget, and the table is "
        "unchanged: look for a join that multiplies rows, or raise night.rows_per_play or "
        "night.least_row_budget"
    )
