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
    """Turn a read that fails in mid-job into a ``BadInputError``.

    The error names the file, and the run ends with exit code 3. A wrong checksum or a torn file is
    such a failure.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        match = READING.search(str(error))
        if not match:
            raise
        file = match.group("file").rstrip(".,;:")
        raise BadInputError(f"{file}: the file is damaged or cannot be read") from error
