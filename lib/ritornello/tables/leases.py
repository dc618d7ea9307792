"""Leases, which let one run at a time work on a day.

Taking a lease is a single commit. If two runs race, one of them gets it.
"""

from dataclasses import dataclass
from datetime import datetime

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from ritornello.instants import sql_timestamp
from ritornello.tables.slices import condition
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Claim:
    """The day of a job that a run wants to work on."""

    item_kind: str
    job: str
    as_of: datetime
    holder: str
    process: str


def read_lease(store: Store, claim: Claim) -> Row | None:
    """Read the stored row of a claim's job and day."""
    return store.read("leases").where(_of(claim)).first() if store.exists("leases") else None


def take_lease(
    store: Store,
    claim: Claim,
    *,
    now: datetime,
    until: datetime,
    dead: str | None = None,
    take_over: bool = False,
) -> DataFrame:
    """Take or renew a lease that is free, expired or one's own.

    ``dead`` is a holder that is known to be gone. Returns the row as it is afterwards.
    """
    if not store.exists("leases"):
        store.append("leases", _row(store, claim, now=now, until=until).where("false"))
    free = f"stored.expires_at <= {sql_timestamp(now)} OR stored.holder = '{claim.holder}'"
    if dead is not None:
        free += f" OR stored.holder = '{dead}'"
    (
        DeltaTable.forPath(store.spark, store.path("leases"))
        .alias("stored")
        .merge(
            _row(store, claim, now=now, until=until).alias("mine"),
            "stored.item_kind = mine.item_kind AND stored.job = mine.job "
            "AND stored.as_of = mine.as_of",
        )
        .whenMatchedUpdateAll(condition="true" if take_over else free)
        .whenNotMatchedInsertAll()
        .execute()
    )
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
