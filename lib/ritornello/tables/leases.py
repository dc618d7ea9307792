"""Leases, which let one run at a time work on a day.

Taking a lease is a single commit. If two runs race, one of them gets it.
"""

from dataclasses import dataclass
from datetime import datetime

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from ritornello.instants import sql_timestamp
from ritornello.tables.creation import create_table
from ritornello.tables.slices import condition
from ritornello.tables.snapshots import last_turn
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Claim:
    """The day of a job that a run wants to work on."""

    item_kind: str
    job: str
    as_of: datetime
    holder: str
    process: str


@dataclass(frozen=True)
class Seen:
    """The stored row of a claim's job and day, or None.

    ``turn`` is the turn in which to add it.
    """

    row: Row | None
    turn: int


def read_lease(store: Store, claim: Claim) -> Seen:
    """Read the stored row of a claim's job and day."""
    if not store.exists("leases"):
        return Seen(None, 0)
    turn = 1 + last_turn(store.spark, store.path("leases"), _of(claim))  # first, then the row
    return Seen(_stored(store, claim).first(), turn)


def take_lease(
    store: Store,
    claim: Claim,
    *,
    now: datetime,
    until: datetime,
    seen: Seen,
    dead: str | None = None,
    take_over: bool = False,
) -> DataFrame:
    """Take or renew a lease that is free, expired or one's own.

    ``seen`` is what ``read_lease`` returned, and ``dead`` a holder that is known to be gone. Returns
    the row as it is afterwards.
    """
    if seen.row is None:
        _insert(store, claim, now=now, until=until, turn=seen.turn)
        return _stored(store, claim)
    free = f"expires_at <= {sql_timestamp(now)} OR holder = '{claim.holder}'"
    if dead is not None:
        free += f" OR holder = '{dead}'"
    changed = {
        "holder": claim.holder,
        "process": claim.process,
        "taken_at": now,
        "expires_at": until,
    }
    DeltaTable.forPath(store.spark, store.path("leases")).update(
        f"{_of(claim)} AND ({'true' if take_over else free})",
        {name: F.lit(value) for name, value in changed.items()},
    )
    return _stored(store, claim)


def _insert(store: Store, claim: Claim, *, now: datetime, until: datetime, turn: int) -> None:
    """Add the row of a claim that nobody made before.

    Of two runs that saw none, Delta drops or refuses the second commit, which has the same turn.
    """
    row = _row(store, claim, now=now, until=until)
    create_table(store.spark, store.path("leases"), store.contracts["leases"], row)
    writer = row.write.format("delta").mode("append")
    turns = writer.option("txnAppId", _of(claim)).option("txnVersion", turn)
    turns.save(store.path("leases"))


def _stored(store: Store, claim: Claim) -> DataFrame:
    return store.read("leases").where(_of(claim))


def end_lease(store: Store, claim: Claim, *, now: datetime) -> None:
    """Let a lease expire now if this run still holds it."""
    mine = f"{_of(claim)} AND holder = '{claim.holder}'"
    table = DeltaTable.forPath(store.spark, store.path("leases"))
    table.update(mine, {"expires_at": F.expr(sql_timestamp(now))})


def _of(claim: Claim) -> str:
    return condition({"item_kind": claim.item_kind, "job": claim.job, "as_of": claim.as_of})


def _row(store: Store, claim: Claim, *, now: datetime, until: datetime) -> DataFrame:
    columns = store.contracts["leases"].columns
    schema = ", ".join(f"{column.name} {column.type}" for column in columns)
    values = (
        claim.item_kind, claim.job, claim.as_of, claim.holder, now, until, claim.process
    )  # fmt: skip
    return store.spark.createDataFrame([values], schema)
