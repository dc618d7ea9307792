"""Damage that only shows when rows are read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from ritornello.errors import BadInputError

READING = re.compile(
    r"(?:while reading file|not a Parquet file|in file|File does not exist:?|Could not read footer"
    r" for file:?|Checksum error:|for column chunk in)\s+(?P<file>(?:file:|[a-z0-9]+://|/)\S+)",
    re.IGNORECASE,
)


@contextmanager
def failing_reads_are_bad_input() -> Iterator[None]:
    """A read that fails in mid-job (a wrong checksum, a torn file) names its file, exit code 3."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        found = READING.search(str(error))
        if not found:
            raise
        file = found.group("file").rstrip(".,;:")
        raise BadInputError(f"{file}: the file is damaged or cannot be read") from error
