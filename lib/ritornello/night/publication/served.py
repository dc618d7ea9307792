"""Read and move the pointer to the served night, kept in `published`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import ConflictError
from ritornello.job import Context
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Served:
    """A night as recorded in `published`."""

    sequence: int
    as_of: datetime
    version: int
    listeners: int
    action: str
    run_id: str


def published_nights(store: Store) -> list[Served]:
    """List all changes of the served night, newest first.

    There are only a few per night.
    """
    if not store.exists("published"):
        return []
    mine = store.read_mine("published")
    return [
        Served(
            row["sequence"],
            row["as_of"].astimezone(UTC),
            row["recommendations_version"],
            row["listeners"],
            row["action"],
            row["run_id"],
        )
        for row in mine.orderBy(F.desc("sequence")).collect()
    ]


def served_night(store: Store) -> Served | None:
    """Return the night that readers get now, or None."""
    return next(iter(published_nights(store)), None)


def lists_of(store: Store, as_of: datetime, *, version: int | None = None) -> DataFrame:
    """Read the lists of a night, now or at an earlier version.

    The item column is called item_id.
    """
    if version is None:
        rows = store.read("recommendations", as_of=as_of)
    else:
        rows = store.read_version("recommendations", version).where(F.col("as_of") == F.lit(as_of))
    return rows.withColumnRenamed(f"{store.item_kind}_id", "item_id")


def serve(
    context: Context,
    *,
    as_of: datetime,
    version: int,
    listeners: int,
    action: str,
    versions: dict[str, int],
) -> Served:
    """Move the pointer to another night in one commit.

    If two runs race, one succeeds and the other raises ConflictError.
    """
    store = context.store
    before = served_night(store)
    sequence = before.sequence + 1 if before else 1
    row = (
        store.item_kind,
        sequence,
        datetime.now(UTC),
        as_of,
        version,
        listeners,
        context.run_id,
        action,
        versions,
    )
    context.append_rows("published", [row], turn=(f"published {store.item_kind}", sequence))
    now = served_night(store)
    if now is None or (now.sequence, now.run_id) != (sequence, context.run_id):
        raise ConflictError("another run published at the same time: run the same command again")
    return now
