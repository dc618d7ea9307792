"""Import a delivery: its files become plays, listeners and a catalogue.

Nothing is lost silently. Everything is computed, counted and judged before the first table is
written. ``deliveries`` is written last: a delivery listed there is completely in the tables, and a
rerun after a crash gives the same result.
"""

from datetime import UTC, date, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.errors import QualityGateError
from ritornello.instants import iso
from ritornello.intake.arrival import Arrived, Receipt, read_delivery, refused_files
from ritornello.intake.import_report import print_ledger, tell, total
from ritornello.intake.new_ids import append_tracks, append_users
from ritornello.intake.number_delivery import number_delivery
from ritornello.intake.retract import NOTHING, plays_to_retract, retract
from ritornello.intake.stored_plays import append_plays, stored_plays
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.plays.explode import is_play
from ritornello.plays.ledger import (
    check_balance,
    ledger,
    split_listeners,
    tally_reasons,
)
from ritornello.plays.rejected import rejected_plays
from ritornello.plays.triage import with_known_track, with_rejection_reason
from ritornello.plays.unique import first_played, keep_once, without_stored
from ritornello.scratch import Scratch, scratch
from ritornello.sources.nested_parquet import Delivery, files_of, open_delivery
from ritornello.tables.store import Store


def import_plays(
    context: Context,
    *,
    folder: str,
    kind: str = "full",
    received_until: datetime | None = None,
    now: datetime | None = None,
) -> str:
    """Import one delivery and return a sentence about what happened.

    Importing the same content again changes nothing. ``now`` is the time of the import, by default
    that of the clock.
    """
    stated = received_until or context.settings.imports.received_until
    receipt = Receipt(kind, stated, (now or datetime.now(UTC)).replace(microsecond=0))
    with import_lease(context), context.step("import_plays"), scratch() as scratchpad:
        delivery = open_delivery(context.spark, folder)
        arrived = read_delivery(
            context.spark,
            delivery,
            receipt,
            earliest=context.settings.imports.earliest_play,
            scratchpad=scratchpad,
        )
        if context.store.has("deliveries", delivery_id=arrived.id):
            return _nothing_new(context.store, arrived.id)
        return _take(context, delivery, arrived, scratchpad)


def _nothing_new(store: Store, delivery_id: str) -> str:
    """Say that a delivery is known, and how lost plays come back."""
    received = F.max("received_at").alias("at")
    mine = store.read("deliveries", delivery_id=delivery_id).agg(received)
    full = store.read("deliveries").where(F.col("kind") == "full").agg(received)
    later = full.join(mine.withColumnRenamed("at", "mine"), F.col("at") > F.col("mine"))
    if later.isEmpty():
        return f"nothing new: delivery {delivery_id} was imported before"
    return (
        f"nothing new: delivery {delivery_id} was imported before; full deliveries since then may have "
        "taken plays of it back, and --kind increment brings those plays back"
    )


def _take(context: Context, delivery: Delivery, arrived: Arrived, scratchpad: Scratch) -> str:
    store, settings = context.store, context.settings.imports
    numbered = number_delivery(
        store,
        arrived.elements,
        numbers=arrived.numbers,
        listed=arrived.listed,
        listeners=arrived.listeners,
        settings=settings,
        keep=scratchpad.keep,
    )
    numbering, elements = numbered.numbering, numbered.elements
    judged = with_rejection_reason(
        with_known_track(elements.where(is_play()), numbering.tracks),
        earliest=settings.earliest_play,
        until=arrived.receipt.at,
    )
    tallies = scratchpad.keep(tally_reasons(judged))
    months, number = check_gate(tallies, max_share=settings.max_rejected_share)
    mark = f"import_plays {arrived.id}"
    unique = keep_once(judged.where(F.col("reason").isNull()))
    stored = stored_plays(store, months=months, before=mark, numbering=numbering)
    kept = scratchpad.keep(without_stored(unique, stored) if stored is not None else unique)
    ledgers = scratchpad.keep(
        ledger(
            files_of(context.spark, delivery),
            summary=arrived.summary,
            tallies=tallies,
            kept=kept,
            split=split_listeners(arrived.elements),
        )
    )
    check_balance(ledgers)
    taken_back, is_full = NOTHING, arrived.receipt.kind == "full"
    refused = refused_files(context.spark, delivery.folder) if is_full else []
    if is_full and not refused:
        taken_back = plays_to_retract(
            store,
            arrived,
            numbered,
            max_share=settings.max_retracted_share,
            keep=scratchpad.keep,
        )

    played = first_played(kept, "track_index")
    append_tracks(store, numbered.listed, played, keep=scratchpad.keep)
    listeners = first_played(kept, "character_index")
    append_users(store, listeners, numbering=numbering, keep=scratchpad.keep)
    rejected = rejected_plays(
        judged.where(F.col("reason").isNotNull() if number else F.lit(False)),
        files_of(context.spark, delivery).select("file_number", "file"),
        listeners=numbering.listeners,
        tracks=numbering.tracks,
        numbers_are_tracks=numbering.numbers_are_tracks,
    )
    store.replace("rejected_plays", rejected, delivery_id=arrived.id)
    append_plays(store, kept, mark=mark, numbering=numbering, received_at=arrived.receipt.at)
    if taken_back.plays is not None:
        retract(store, taken_back.plays)
    _commit(context, ledgers, arrived)
    totals = total(ledgers)
    print_ledger(context.console, totals)
    usable = arrived.tracks["listed_tracks"] - arrived.tracks["unusable_tracks"]
    return tell(
        totals,
        listeners=listeners.count(),
        unusable_tracks=arrived.tracks["unusable_tracks"],
        repeated_tracks=usable - numbered.listed.count(),
        retracted=0 if taken_back.plays is None else taken_back.plays.count(),
        later=taken_back.later,
        has_artists=delivery.has_artists,
        refused=refused,
    )


def check_gate(tallies: DataFrame, *, max_share: float) -> tuple[list[date], int]:
    """Return the months of the accepted plays, and the number of rejected plays.

    Raises if too many plays are rejected. The error counts them by reason.
    """
    rows = tallies.groupBy("reason").agg(F.sum("plays").alias("plays")).collect()
    counts = {row["reason"]: row["plays"] for row in rows}
    taken, total = counts.pop(None, 0), sum(counts.values())
    rejected = total
    if rejected > max_share * (taken + rejected):
        reasons = ", ".join(f"{reason} {counts[reason]:,}" for reason in sorted(counts))
        raise QualityGateError(
            f"{rejected:,} of {taken + rejected:,} plays are rejected ({reasons}), more than "
            f"imports.max_rejected_share {max_share:.2%} allows: correct the delivery, or raise the "
            "setting"
        )
    months = tallies.where(F.col("month").isNotNull()).select("month").distinct().collect()
    return sorted(row["month"] for row in months), rejected


def _commit(context: Context, ledgers: DataFrame, arrived: Arrived) -> None:
    rows = ledgers.drop("file_number").withColumns(
        {
            "kind": F.lit(arrived.receipt.kind),
            "received_until": F.lit(iso(arrived.until)).cast("timestamp"),
            "received_at": F.lit(iso(arrived.receipt.at)).cast("timestamp"),
        }
    )
    context.store.replace("deliveries", rows, delivery_id=arrived.id)
