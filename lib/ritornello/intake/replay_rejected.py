"""Accept rejected plays whose track is in the catalogue by now.

Plays are appended first, then the ledgers, and ``rejected_plays`` is replaced last. Each commit names
the version of ``rejected_plays`` that it replays, so a rerun after a crash repeats none.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.intake.new_ids import append_users, known_ids
from ritornello.intake.stored_plays import append_plays, stored_plays
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.plays.ledger import with_replayed
from ritornello.plays.rejected import as_plays, can_be_taken
from ritornello.plays.triage import with_known_track
from ritornello.plays.unique import first_played, keep_once, month_of, without_stored
from ritornello.scratch import Scratch, scratch


def replay_rejected(context: Context) -> str:
    """Move rejected plays of tracks that are now known into ``plays``.

    Returns a sentence about what happened.
    """
    store = context.store
    if not store.exists("rejected_plays"):
        return "nothing to replay: no play was ever rejected"
    with import_lease(context), context.step("replay_rejected"), scratch() as scratchpad:
        mark = f"replay_rejected {store.version('rejected_plays')}"
        known = known_ids(store, "tracks", "source_track_id", "track_id")
        judged = scratchpad.keep(
            store.read("rejected_plays").transform(_with_known_track, known=known)
        )
        plays = scratchpad.keep(as_plays(judged.where(can_be_taken())))
        if plays.isEmpty():
            return "nothing to replay: no rejected play has a track that is known now"
        return _move(context, judged, plays, mark, scratchpad)


def _with_known_track(rejected: DataFrame, *, known: DataFrame) -> DataFrame:
    """Add ``track_is_known``, matching the table's text ids as numbers."""
    numbered = rejected.withColumn("_text", F.col("source_track_id")).withColumn(
        "source_track_id", F.col("_text").cast("bigint")
    )
    return (
        numbered.transform(with_known_track, known=known)
        .withColumn("source_track_id", F.col("_text"))
        .drop("_text")
    )


def _move(
    context: Context, judged: DataFrame, plays: DataFrame, mark: str, scratchpad: Scratch
) -> str:
    store = context.store
    kept = scratchpad.keep(_kept(context, plays, mark))
    deliveries = store.read("deliveries")
    ledgers = scratchpad.keep(with_replayed(deliveries, taken=plays, kept=kept))
    counts = (plays.count(), kept.count())
    append_users(store, first_played(kept, "source_user_id"), keep=scratchpad.keep)
    append_plays(store, kept, mark=mark)
    if store.marked("deliveries", mark) is None:
        store.replace("deliveries", ledgers, mark=mark)
    rest = judged.where(~can_be_taken()).drop("track_is_known")
    store.replace("rejected_plays", rest, mark=mark)
    taken, new = counts
    return f"replayed {taken:,} rejected plays: {new:,} kept, {taken - new:,} duplicate"


def _kept(context: Context, plays: DataFrame, mark: str) -> DataFrame:
    """Assign each play to its first file, and drop stored plays."""
    unique = keep_once(plays, first_of=("delivery_id", "file"))
    rows = plays.select(month_of("played_at").alias("month")).distinct().collect()
    months = sorted(row["month"] for row in rows)
    stored = stored_plays(context.store, months=months, before=mark)
    return unique if stored is None else without_stored(unique, stored)
