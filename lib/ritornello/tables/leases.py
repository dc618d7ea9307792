"""Leases, which let one run at a time work on a day.

Taking a lease is a single commit. If two runs race, one of them gets it.
"""

from dataclasses import dataclass
from datetime import datetime

from delta.tables import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.instants import sql_timestamp
from ritornello.tables.slices import condition
from ritornello.tables.store import Store


@dataclass(frozen=True)
class Claim:
    """The day of a job that a run wants to work on."""

    job: str
    as_of: datetime
    holder: str


def take_lease(
    store: Store, claim: Claim, *, now: datetime, until: datetime, take_over: bool = False
) -> DataFrame:
    """Take or renew a lease that is free, expired or one's own.

    Return the row of the lease as it is afterwards. If its holder is another run, the lease was not
    taken. ``take_over`` takes it from any holder.
    """
    if not store.exists("leases"):
        store.append("leases", _row(store, claim, now=now, until=until).where("false"))
    free = f"stored.expires_at <= {sql_timestamp(now)} OR stored.holder = '{claim.holder}'"
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
    return store.read("leases").where(_of(store, claim))


def end_lease(store: Store, claim: Claim, *, now: datetime) -> None:
    """Let a lease expire now if this run still holds it."""
    mine = f"{_of(store, claim)} AND holder = '{claim.holder}'"
    table = DeltaTable.forPath(store.spark, store.path("leases"))
    table.update(mine, {"expires_at": F.expr(sql_timestamp(now))})


def _of(store: Store, claim: Claim) -> str:
    return condition({"item_kind": store.item_kind, "job": claim.job, "as_of": claim.as_of})


def _row(store: Store, claim: Claim, *, now: datetime, until: datetime) -> DataFrame:
    columns = store.contracts["leases"].columns
    schema = ", ".join(f"{column.name} {column.type}" for column in columns)
    values = (store.item_kind, claim.job, claim.as_of, claim.holder, now, until)
    return store.spark.createDataFrame([values], schema)
