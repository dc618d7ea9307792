"""Small text files of a night, beside its tables."""

from datetime import datetime

from ritornello.errors import UsageError
from ritornello.instants import compact
from ritornello.tables.creation import read_text, write_text
from ritornello.tables.store import Store


def write_report(store: Store, as_of: datetime, name: str, text: str) -> str:
    """Write a small text file under ``reports/<as_of>/`` and return its path."""
    path = _path(store, as_of, name)
    write_text(store.spark, path, text)
    return path


def read_report(store: Store, as_of: datetime, name: str) -> str:
    """Read a text file that ``write_report`` wrote.

    Raises UsageError if there is none.
    """
    path = _path(store, as_of, name)
    text = read_text(store.spark, path)
    if text is None:
        raise UsageError(f"{path} does not exist: run `ritornello evaluate`, which writes it")
    return text


def _path(store: Store, as_of: datetime, name: str) -> str:
    return f"{store.warehouse}/{store.item_kind}/reports/{compact(as_of)}/{name}"
