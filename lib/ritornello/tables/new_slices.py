"""Write a slice that holds no rows yet.

Delta replaces a slice by looking through the files of the table, which takes most of the time of a
small write. A slice without files can be appended instead. Delta lets two appends pass, so whoever
finds another commit beside its own looks which of them came first.
"""

import uuid
from collections.abc import Callable

from pyspark.sql import DataFrame, SparkSession

from ritornello.errors import ConflictError
from ritornello.tables.snapshots import marked_version, newest_version
from ritornello.tables.writing import with_mark


def append_slice(
    spark: SparkSession,
    path: str,
    rows: DataFrame,
    *,
    slice_at: Callable[[int], DataFrame],
    replace: Callable[[DataFrame], None],
) -> int:
    """Append the rows of a slice that had no files.

    Returns the version that holds these rows and no others. ``slice_at`` reads the slice as of a
    version, and ``replace`` replaces it. Raises ConflictError if another run wrote the slice first:
    its rows stay, and these do not.
    """
    before, mark = newest_version(spark, path), f"new slice {uuid.uuid4().hex}"
    with_mark(rows.write.format("delta").mode("append"), mark).save(path)
    newest = newest_version(spark, path)
    if newest <= before + 1:
        return newest  # no other commit
    own = marked_version(spark, path, mark)
    if own is None:
        return before  # there was no row to append
    for version in range(before + 1, own):
        first = slice_at(version)
        if not first.isEmpty():
            replace(first)
            raise ConflictError(
                f"{path}: another run wrote the same slice at the same time: run the same command again"
            )
    return own
