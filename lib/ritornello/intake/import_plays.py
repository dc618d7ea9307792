"""Import a delivery: its files become plays, listeners and a catalogue.

Nothing is lost silently. Everything is computed, counted and judged before the first table is
written. ``deliveries`` is written last: a delivery listed there is completely in the tables, and a
rerun after a crash gives the same result.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from ritornello.errors import QualityGateError
from ritornello.instants import iso
from ritornello.intake.import_report import print_ledger, tell, total
from ritornello.intake.new_ids import append_tracks, append_users, known_ids
from ritornello.intake.retract import check_retraction, no_longer_held, retract
from ritornello.intake.stored_plays import append_plays, stored_plays
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.plays.explode import explode_lists, is_play
from ritornello.plays.fingerprint import fingerprint
from ritornello.plays.ledger import (
    check_balance,
    ledger,
    split_listeners,
    summarise_files,
    tally_reasons,
)
from ritornello.plays.rejected import rejected_plays
from ritornello.plays.tracks import one_per_track, summarise_tracks, with_content_hash
from ritornello.plays.triage import with_known_track, with_rejection_reason
from ritornello.plays.unique import SAME_PLAY, first_played, keep_once, without_stored
from ritornello.scratch import Scratch, scratch
from ritornello.sources.damage import failing_reads_are_bad_input
from ritornello.sources.nested_parquet import (
    Delivery,
    files_of,
    open_delivery,
    read_interactions,
    read_listeners,
    read_tracks,
)


@dataclass(frozen=True)
class Arrived:
    """A delivery, read once and cached on the executors' disks."""

    id: str
    received_until: datetime
    elements: DataFrame
    listed: DataFrame
    summary: DataFrame
    tracks: Row


def import_plays(
    context: Context,
    *,
    folder: str,
    kind: str = "full",
    received_until: datetime | None = None,
) -> str:
    """Import one delivery and return a sentence about what happened.

    Importing the same content again changes nothing.
    """
    stated = received_until or context.settings.imports.received_until
    with import_lease(context), context.step("import_plays"), scratch() as scratchpad:
        delivery = open_delivery(context.spark, folder)
        arrived = _read(context, delivery, stated, kind, scratchpad)
        if context.store.has("deliveries", delivery_id=arrived.id):
            return f"nothing new: delivery {arrived.id} was imported before"
        return _take(context, delivery, arrived, kind, scratchpad)


def _read(
    context: Context,
    delivery: Delivery,
    stated: datetime | None,
    kind: str,
    scratchpad: Scratch,
) -> Arrived:
    spark = context.spark
    exploded = [explode_lists(frame) for frame in read_interactions(spark, delivery)]
    with failing_reads_are_bad_input():
        elements = scratchpad.keep(reduce(DataFrame.unionByName, exploded))
        summary = scratchpad.keep(summarise_files(elements))
        listed = scratchpad.keep(with_content_hash(read_tracks(spark, delivery)))
        hashed = [name for name in summary.columns if name.endswith(("_high", "_low"))]
        sums = summary.agg(
            F.max("newest").alias("newest"),
            *(F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("plays", *hashed)),
        ).first()
        tracks = summarise_tracks(listed).first()
    assert sums is not None
    assert tracks is not None
    totals = {**sums.asDict(), **tracks.asDict()}
    newest = totals.pop("newest")
    until = stated or newest or context.settings.imports.earliest_play
    id_ = fingerprint(totals, received_until=stated, kind=kind)
    return Arrived(id_, until, elements, listed, summary, tracks)


def _take(
    context: Context, delivery: Delivery, arrived: Arrived, kind: str, scratchpad: Scratch
) -> str:
    store, settings = context.store, context.settings.imports
    listed = scratchpad.keep(one_per_track(arrived.listed))
    known = scratchpad.keep(
        known_ids(store, "tracks", "source_track_id", "track_id")
        .select("source_track_id")
        .unionByName(listed.select("source_track_id"))
        .distinct()
    )
    judged = with_rejection_reason(
        with_known_track(arrived.elements.where(is_play()), known),
        earliest=settings.earliest_play,
        until=arrived.received_until,
    )
    tallies = scratchpad.keep(tally_reasons(judged))
    months = check_gate(tallies, max_share=settings.max_rejected_share)
    mark = f"import_plays {arrived.id}"
    unique = keep_once(judged.where(F.col("reason").isNull()))
    stored = stored_plays(store, months=months, before=mark)
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
    gone = _plays_to_retract(context, arrived, scratchpad) if kind == "full" else None

    append_tracks(store, listed, first_played(kept, "source_track_id"), keep=scratchpad.keep)
    listeners = read_listeners(context.spark, delivery)
    append_users(store, first_played(kept, "source_user_id"), names=listeners, keep=scratchpad.keep)
    names = files_of(context.spark, delivery).select("file_number", "file")
    rejected = rejected_plays(judged.where(F.col("reason").isNotNull()), names)
    store.replace("rejected_plays", rejected, delivery_id=arrived.id)
    append_plays(store, kept, mark=mark)
    if gone is not None:
        retract(store, gone)
    _commit(context, ledgers, arrived, kind)
    totals = total(ledgers)
    print_ledger(context.console, totals)
    usable = arrived.tracks["listed_tracks"] - arrived.tracks["unusable_tracks"]
    return tell(
        totals,
        listeners=kept.select("source_user_id").distinct().count(),
        unusable_tracks=arrived.tracks["unusable_tracks"],
        repeated_tracks=usable - listed.count(),
        retracted=0 if gone is None else gone.count(),
        has_artists=delivery.has_artists,
    )


def _plays_to_retract(context: Context, arrived: Arrived, scratchpad: Scratch) -> DataFrame | None:
    """Collect the stored plays that a full delivery no longer contains.

    Returns None if there are none, and raises if there are too many.
    """
    store, until = context.store, arrived.received_until
    delivered = arrived.elements.where(is_play()).select(*SAME_PLAY)
    gone = no_longer_held(store, delivered, until=until)
    if gone is None:
        return None
    share = context.settings.imports.max_retracted_share
    plays = check_retraction(store, scratchpad.keep(gone), delivered, until=until, max_share=share)
    return gone if plays else None


def check_gate(tallies: DataFrame, *, max_share: float) -> list[date]:
    """Return the months of the accepted plays.

    Raises if too many plays are rejected. The error counts them by reason.
    """
    rows = tallies.groupBy("reason").agg(F.sum("plays").alias("plays")).collect()
    counts = {row["reason"]: row["plays"] for row in rows}
    taken, total = counts.pop(None, 0), sum(counts.values())
    rejected = total
    if rejected > max_share * (taken + rejected):
        reasons = ", ".join(f"{reason} {counts[reason]:,}" for reason in sorted(counts))
        raise QualityGateError(
            f"{rejected:,} of {taken + rejected:,} plays are rejected, more than "
            f"max_rejected_share {max_share:.2%} allows: {reasons}"
        )
    months = tallies.where(F.col("month").isNotNull()).select("month").distinct().collect()
    return sorted(row["month"] for row in months)


def _commit(context: Context, ledgers: DataFrame, arrived: Arrived, kind: str) -> None:
    rows = ledgers.drop("file_number").withColumns(
        {
            "kind": F.lit(kind),
            "received_until": F.lit(iso(arrived.received_until)).cast("timestamp"),
        }
    )
    context.store.replace("deliveries", rows, delivery_id=arrived.id)
