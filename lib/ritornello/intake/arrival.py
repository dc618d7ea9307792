"""Read a delivery once, and identify it by its content."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from ritornello.plays.explode import explode_lists
from ritornello.plays.fingerprint import fingerprint, listener_hash_sums
from ritornello.plays.ledger import summarise_files
from ritornello.plays.tracks import summarise_tracks, with_content_hash
from ritornello.scratch import Scratch
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.nested_parquet import (
    Delivery,
    read_interactions,
    read_listeners,
    read_tracks,
)
from ritornello.tables.creation import read_text

REFUSED = "refused.txt"  # in a delivery: the files of the log that could not be read, one per line


@dataclass(frozen=True)
class Receipt:
    """Hold a delivery's kind, its stated bound and the time of import."""

    kind: str
    stated_until: datetime | None
    clock: datetime

    @property
    def at(self) -> datetime:
        """Return when the delivery was received.

        No play of it can be later.
        """
        return min(self.stated_until or self.clock, self.clock)


@dataclass(frozen=True)
class Arrived:
    """A delivery, read once and cached on the executors' disks.

    ``until`` is its newest play, or the instant that was stated. ``numbers`` has the number of every
    listener, read from its own column, which is cheaper than all elements.
    """

    id: str
    until: datetime
    receipt: Receipt
    elements: DataFrame
    numbers: DataFrame
    listed: DataFrame
    listeners: DataFrame | None
    summary: DataFrame
    tracks: Row


def refused_files(spark: SparkSession, folder: str) -> list[str]:
    """List the files that `convert` refused, without which the delivery is incomplete."""
    return (read_text(spark, f"{folder}/{REFUSED}") or "").splitlines()


def read_delivery(
    spark: SparkSession,
    delivery: Delivery,
    receipt: Receipt,
    *,
    earliest: datetime,
    scratchpad: Scratch,
) -> Arrived:
    """Read a delivery and compute its id.

    Without a single play up to the time of the import, ``until`` is ``earliest``.
    """
    nested = read_interactions(spark, delivery)
    exploded = [explode_lists(frame) for frame in nested]
    number = F.col("character_index").cast("bigint")
    numbers = [frame.select(number.alias("character_index")) for frame in nested]
    with failing_reads_are_bad_input():
        elements = scratchpad.keep(reduce(DataFrame.unionByName, exploded))
        summary = scratchpad.keep(summarise_files(elements, until=receipt.at))
        listed = scratchpad.keep(with_content_hash(read_tracks(spark, delivery)))
        listeners = read_listeners(spark, delivery)
        hashed = [name for name in summary.columns if name.endswith(("_high", "_low"))]
        sums = summary.agg(
            F.max("newest").alias("newest"),
            *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("plays", *hashed)),
        ).first()
        tracks = summarise_tracks(listed).first()
        named = None if listeners is None else listeners.agg(*listener_hash_sums()).first()
    assert sums is not None
    assert tracks is not None
    totals = {**sums.asDict(), **tracks.asDict(), **({} if named is None else named.asDict())}
    newest = totals.pop("newest")
    until = receipt.stated_until or newest or earliest
    id_ = fingerprint(totals, received_until=receipt.stated_until, kind=receipt.kind)
    return Arrived(
        id_,
        until,
        receipt,
        elements,
        reduce(DataFrame.unionByName, numbers),
        listed,
        listeners,
        summary,
        tracks,
    )
