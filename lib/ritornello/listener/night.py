"""The night that readers get.

It is the published one, or the newest written where nothing is published.
"""

from dataclasses import dataclass
from datetime import datetime

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.listener.reader import Reader


@dataclass(frozen=True)
class Night:
    """An as-of instant and the Delta version of `recommendations` to read.

    Without a version, the newest is read.
    """

    as_of: datetime
    version: int | None = None


def served_night(tables: Reader) -> Night:
    """Return the night that readers get when they name no instant.

    It is the one with the largest sequence in `published`, else the newest written.
    """
    if tables.has("published"):
        columns = ("sequence", "as_of", "recommendations_version")
        changes = tables.read("published", columns, item_kind=tables.item_kind)
        if len(changes):
            last = changes.sort_values("sequence").iloc[-1]
            return Night(last["as_of"].to_pydatetime(), int(last["recommendations_version"]))
    written = tables.instants("recommendations")
    if not written:
        raise UsageError(f"{tables.warehouse} holds no recommendations yet: run refresh")
    return Night(written[-1])


def chosen_night(tables: Reader, as_of: datetime | None) -> Night:
    """Return the night of an instant, or else the one that is served."""
    if as_of is None:
        return served_night(tables)
    written = tables.instants("recommendations")
    if as_of not in written:
        newest = ", ".join(iso(one) for one in written[-3:]) or "none"
        raise UsageError(
            f"no recommendations as of {iso(as_of)}: choose another night (newest: {newest})"
        )
    return Night(as_of)
