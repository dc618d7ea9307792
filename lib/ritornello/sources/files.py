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

GLOB_SIGNS = re.compile(r"[\\\[\]{}*?]")


@dataclass(frozen=True)
class InputFile:
    """One file of an input folder.

    ``name`` is the path below the folder, ``uri`` the file as Spark names it in ``_metadata``,
    ``modified`` its time of change in milliseconds since 1970.
    """

    path: str
    uri: str
    name: str
    size: int = 0
    modified: int = 0


def literal(path: str) -> str:
    r"""Escape the glob signs of a path, so that Spark reads this path alone.

    A name may hold [ ] { } * ? or \. With globbing turned off instead, Spark 3.5 reads all paths
    once for each path that looks like a pattern.
    """
    return GLOB_SIGNS.sub(r"\\\g<0>", path)


def list_files(spark: SparkSession, folder: str, *, hidden: bool = False) -> list[InputFile]:
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
            files.append(_input_file(base, listing.next()))
    except Py4JJavaError:
        raise BadInputError(f"{folder}: there is no such folder, or it cannot be listed") from None
    visible = (one for one in files if hidden or is_visible(one.name))
    return sorted(visible, key=lambda one: one.name)


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


def _input_file(base: Any, status: Any) -> InputFile:
    path = status.getPath()
    below = str(base.toUri().relativize(path.toUri()).getPath())
    return input_file(status, below or path.getName())


def input_file(status: Any, name: str) -> InputFile:
    """Describe a file of Hadoop under a name of its own."""
    path = status.getPath()
    uri = one_uri(path.toUri().toString())
    size, modified = int(status.getLen()), int(status.getModificationTime())
    return InputFile(path.toString(), uri, name, size, modified)


def is_visible(name: str) -> bool:
    """Return whether no part of the name starts with ``_`` or ``.``."""
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
