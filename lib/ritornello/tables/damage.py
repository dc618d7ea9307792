"""Recognise damaged files of the warehouse in the errors of Spark and Delta."""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from ritornello.errors import DamagedError
from ritornello.tables.creation import list_names, read_text
from ritornello.tables.mends import LOG, Damage, damage_at, damaged_error, is_torn, missing_commit
from ritornello.tables.store import Store

# FILE stands for the path of a file of the warehouse
MISSING = (
    "File `?FILE`? does not exist",
    "(?:File does not exist|No such file or directory):? FILE",
    r"\[DELTA_TRUNCATED_TRANSACTION_LOG\] FILE: ",
)
UNREADABLE = (
    "Checksum error: FILE at ",
    "FILE is not a Parquet file",
    r"Could not read footer for file:? (?:FileStatus\{path=)?FILE",
)
READING = "while reading file FILE. Details"
# a read may also fail for lack of memory or network, so its cause decides
CAUSES = re.compile(
    r"CRC checksum verification failed|ParquetDecodingException|ChecksumException|EOFException|"
    r"can not read class org\.apache\.parquet|FAILED_TO_UNCOMPRESS|PARSING_ERROR|corrupt|"
    r"was not found in serialized data",
    re.IGNORECASE,
)
# with these Spark does not say in which table
DAMAGED_LOG = ("MALFORMED_RECORD_IN_PARSING", "DELTA_VERSIONS_NOT_CONTIGUOUS")
NEWEST = 100  # Delta writes a checkpoint every ten commits and reads only the commits after it


def damaged(error: BaseException, store: Store) -> DamagedError | None:
    """Return the error to report if Spark failed because of a damaged file."""
    if not isinstance(error, Py4JJavaError | PySparkException):
        return None
    text = str(error)
    damage = damage_in(text, store.warehouse)
    if damage is None and any(sign in text for sign in DAMAGED_LOG):
        damage = next(_damaged_logs(store), None)
    return damaged_error(damage) if damage else None


def damage_in(text: str, warehouse: str) -> Damage | None:
    """Return the damaged file of the warehouse that an error's text names, or None."""
    reading = (READING,) if CAUSES.search(text) else ()
    for what, patterns in (("is missing", MISSING), ("is damaged", (*UNREADABLE, *reading))):
        for pattern in patterns:
            match = re.search(pattern.replace("FILE", _file_below(warehouse)), text)
            damage = match and damage_at(_decoded(match["file"]), what)
            if damage:
                return damage
    return None


def _file_below(warehouse: str) -> str:
    """Return a pattern for the files of a warehouse.

    Its group ``file`` is the path below the warehouse.
    """
    root = re.sub("^file:/+", "/", warehouse).rstrip("/")
    roots = "|".join(re.escape(one) for one in (root, quote(root, safe="/:@")))
    return rf"(?:file:(?://)?)?(?:{roots})/(?P<file>[^\n]*?\.(?:parquet|json))"


def _decoded(file: str) -> str:
    """Return the file's name on the disk, where Spark gives it as a URI."""
    return unquote(file) if re.search("%20|%25", file) else file


def _damaged_logs(store: Store) -> Iterator[Damage]:
    """Yield the missing or torn commit of each table that has one."""
    for table in store.contracts:
        folder = f"{store.path(table)}/{LOG}"
        place = folder[len(store.warehouse) + 1 :]
        names = list_names(store.spark, folder)
        if missing := missing_commit(names):
            yield from _damage(f"{place}/{missing}", "is missing")
        for name in sorted(name for name in names if name.endswith(".json"))[: -NEWEST - 1 : -1]:
            if _is_torn_file(store, f"{folder}/{name}"):
                yield from _damage(f"{place}/{name}", "is damaged")


def _damage(file: str, what: str) -> Iterator[Damage]:
    damage = damage_at(file, what)
    if damage:
        yield damage


def _is_torn_file(store: Store, path: str) -> bool:
    try:
        return is_torn(read_text(store.spark, path) or "")
    except Py4JJavaError:  # its checksum is wrong
        return True
