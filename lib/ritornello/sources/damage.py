"""Damage that only shows when rows are read."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from ritornello.errors import BadInputError
from ritornello.sources.files import InputFile

READING = re.compile(
    r"(?:while reading file|not a Parquet file|in file|File does not exist:?|Could not read footer"
    r" for file:?|Checksum error:|for column chunk in)\s+(?P<file>(?:file:|[a-z0-9]+://|/)\S+)",
    re.IGNORECASE,
)
READ_ERRORS = (Py4JJavaError, PySparkException)


@contextmanager
def failing_reads_are_bad_input() -> Iterator[None]:
    """Turn a read that fails in mid-job into a ``BadInputError``.

    The error names the file, and the run ends with exit code 3. A wrong checksum or a torn file is
    such a failure.
    """
    try:
        yield
    except READ_ERRORS as error:
        match = READING.search(str(error))
        if not match:
            raise
        file = match.group("file").rstrip(".,;:")
        raise BadInputError(f"{file}: the file is damaged or cannot be read") from error


def damaged_files(
    files: Iterable[InputFile], scan: Callable[[InputFile], DataFrame]
) -> list[InputFile]:
    """Read each file by itself to its end, and return those that fail.

    Not every error of Spark names the file, as that of a gzip file that was cut.
    """
    return [file for file in files if not _is_readable(scan, file)]


def _is_readable(scan: Callable[[InputFile], DataFrame], file: InputFile) -> bool:
    try:
        scan(file).write.format("noop").mode("overwrite").save()
    except READ_ERRORS:
        return False
    return True


def cause(error: Py4JJavaError) -> str:
    """Write the kind and the message of the innermost Java exception in one line."""
    thrown = error.java_exception
    while thrown.getCause() is not None:
        thrown = thrown.getCause()
    message = str(thrown.getMessage() or "").strip().splitlines()
    kind = thrown.getClass().getSimpleName().removesuffix("Exception")
    return f"{kind}: {message[0] if message else ''}"
