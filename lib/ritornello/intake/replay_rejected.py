"""Accept rejected plays whose track is in the catalogue by now.

Plays are appended first, then the ledgers, and ``rejected_plays`` is replaced last. Each commit names
the version of ``rejected_plays`` that it replays, so a rerun after a crash repeats none.
"""

from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ritornello.intake.new_ids import append_users
from ritornello.intake.numbering import Numbering, known_ids
from ritornello.intake.stored_plays import append_plays, stored_plays
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.plays.dense_ids import with_dense_ids
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
            store.read("rejected_plays").transform(
                with_known_track, known=known, on="source_track_id"
            )
        )
        keyed = scratchpad.keep(as_plays(judged.where(can_be_taken())))
        if keyed.isEmpty():
            return "nothing to replay: no rejected play has a track that is known now"
        numbering = _numbering(keyed, scratchpad)
        plays = scratchpad.keep(
            keyed.join(
                numbering.listeners.drop("user_name"), on="source_user_id", how="inner"
            ).join(numbering.tracks, on="source_track_id", how="inner")
        )
        return _move(context, judged, plays, numbering, mark, scratchpad)


def _numbering(keyed: DataFrame, scratchpad: Scratch) -> Numbering:
    """Number the listeners and tracks of rejected plays, whatever delivery they came in."""
    listeners = keyed.groupBy("source_user_id").agg(F.max("user_name").alias("user_name"))
    tracks = keyed.select("source_track_id").distinct()
    return Numbering(
        scratchpad.keep(_numbered(listeners, "source_user_id", "character_index", scratchpad)),
        scratchpad.keep(_numbered(tracks, "source_track_id", "track_index", scratchpad)),
        scratchpad.keep,
    )


def _numbered(rows: DataFrame, key: str, number: str, scratchpad: Scratch) -> DataFrame:
    return with_dense_ids(
        rows, id_column=number, order_by=[F.col(key)], first_id=0, keep=scratchpad.keep
    )


def _move(
    context: Context,
    judged: DataFrame,
    plays: DataFrame,
    numbering: Numbering,
    mark: str,
    scratchpad: Scratch,
) -> str:
    store = context.store
    kept = scratchpad.keep(_kept(context, plays, numbering, mark))
    deliveries = store.read("deliveries")
    ledgers = scratchpad.keep(with_replayed(deliveries, taken=plays, kept=kept))
    counts = (plays.count(), kept.count())
    played = first_played(kept, "character_index")
    append_users(store, played, numbering=numbering, keep=scratchpad.keep, are_newest=False)
    now = datetime.now(UTC)
    append_plays(store, kept, mark=mark, numbering=numbering, received_at=now)
    if store.marked("deliveries", mark) is None:
        store.replace("deliveries", ledgers, mark=mark)
    rest = judged.where(~can_be_taken()).drop("track_is_known")
    store.replace("rejected_plays", rest, mark=mark)
    taken, new = counts
    return f"replayed {taken:,} rejected plays: {new:,} kept, {taken - new:,} duplicate"


def _kept(context: Context, plays: DataFrame, numbering: Numbering, mark: str) -> DataFrame:
    """Assign each play to its first file, and drop stored plays."""
    unique = keep_once(plays, first_of=("delivery_id", "file"))
    rows = plays.select(month_of("played_at").alias("month")).distinct().collect()
    months = sorted(row["month"] for row in rows)
    stored = stored_plays(context.store, months=months, before=mark, numbering=numbering)
    return unique if stored is None else without_stored(unique, stored)
