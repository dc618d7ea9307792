"""Leases: who works on a day. Taking one is a single commit, so of two takers one wins."""

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
    """What a run wants: the day of a job, until an instant."""

    job: str
    as_of: datetime
    holder: str


def take_lease(
    store: Store, claim: Claim, *, now: datetime, until: datetime, take_over: bool = False
) -> DataFrame:
    """Take or renew a lease that is free, run out or one's own; returns the row as it then is."""
    if not store.exists("leases"):
        store.append("leases", _row(store, claim, now=now, until=until).where("false"))
    free = f"held.expires_at <= {sql_timestamp(now)} OR held.holder = '{claim.holder}'"
    (
        DeltaTable.forPath(store.spark, store.path("leases"))
        .alias("held")
        .merge(
            _row(store, claim, now=now, until=until).alias("mine"),
            "held.item_kind = mine.item_kind AND held.job = mine.job AND held.as_of = mine.as_of",
        )
        .whenMatchedUpdateAll(condition="true" if take_over else free)
        .whenNotMatchedInsertAll()
        .execute()
    )
    return store.read("leases").where(_of(store, claim))


def end_lease(store: Store, claim: Claim, *, now: datetime) -> None:
    """Let a lease run out now, if it is still one's own."""
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
