"""The files of an input folder, listed through Hadoop.

The folder may have any URI that Spark knows.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from ritornello.errors import BadInputError, UsageError


@dataclass(frozen=True)
class InputFile:
    """One file of an input folder.

    ``name`` is the path below the folder, ``uri`` the file as Spark names it in ``_metadata``.
    """

    path: str
    uri: str
    name: str


def list_files(spark: SparkSession, folder: str) -> list[InputFile]:
    """List every file below the folder, sorted by name.

    Files and folders whose names start with ``_`` or ``.`` are hidden. A single file counts as a
    folder of one.
    """
    jvm: Any = spark.sparkContext._jvm
    root = jvm.org.apache.hadoop.fs.Path(folder)
    try:
        system = root.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
        base = system.getFileStatus(root).getPath()
        files, listing = [], system.listFiles(base, True)
        while listing.hasNext():
            files.append(_input_file(base, listing.next().getPath()))
    except Py4JJavaError:
        raise BadInputError(f"{folder}: there is no such folder, or it cannot be listed") from None
    return sorted((one for one in files if _is_visible(one.name)), key=lambda one: one.name)


def is_there(spark: SparkSession, path: str) -> bool:
    """Return whether a file or folder of that name exists."""
    jvm: Any = spark.sparkContext._jvm
    place = jvm.org.apache.hadoop.fs.Path(path)
    return bool(place.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).exists(place))


def refuse_counts(spark: SparkSession, folder: str) -> None:
    """Refuse a folder that has play counts without times.

    Such a folder is not a listening log, and whatever needs times should say so at once.
    """
    counts, plays = (
        is_there(spark, f"{folder}/{name}.parquet") for name in ("counts", "interactions")
    )
    if counts and not plays:
        raise UsageError(
            f"{folder}: holds play counts without times (hetrec-2k), so it cannot be used where "
            "the times of plays are needed"
        )


def _input_file(base: Any, path: Any) -> InputFile:
    below = str(base.toUri().relativize(path.toUri()).getPath())
    return InputFile(path.toString(), one_uri(path.toUri().toString()), below or path.getName())


def _is_visible(name: str) -> bool:
    return not any(part.startswith(("_", ".")) for part in name.split("/"))


def pick(
    files: Iterable[InputFile], pattern: str, *, folder: str, expected: str
) -> list[InputFile]:
    """Pick the files whose own name matches the pattern.

    Raises ``BadInputError`` if there are none.
    """
    every = list(files)
    matches = [one for one in every if re.fullmatch(pattern, one.name.rsplit("/", 1)[-1])]
    if not matches:
        names = ", ".join(one.name for one in every[:5]) or "no files"
        raise BadInputError(f"{folder}: holds {names}; expected {expected}")
    return matches


def one_uri(uri: str) -> str:
    """Write the URI of a local file in one form.

    Hadoop writes file:///x and file:/x for the same file.
    """
    return re.sub("^file:/+", "file:/", uri)


def read_uri() -> Column:
    """Return the file of each row, in the form of ``InputFile.uri``."""
    return F.regexp_replace("_metadata.file_path", "^file:/+", "file:/")
