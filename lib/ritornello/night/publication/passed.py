"""Tell which earlier nights a night may build on.

They are the nights that are served or could be: their newest audit had no error, their lists were not
ranked again after it, and no rollback took them back.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from pyspark.sql import functions as F

from ritornello.instants import sql_timestamp
from ritornello.job import Context
from ritornello.night.publication.served import Served, published_nights

AUDITS = ("publish", "audit")
Publication = tuple[datetime, int]


def passed_nights(context: Context, *, before: datetime) -> list[datetime]:
    """List the nights before an instant that are served or could be, oldest first."""
    ranked = _ranked_at(context, before)
    back = _nights_taken_back(published_nights(context.store))
    return sorted(
        night
        for night, audited_at in _audited_at(context, before).items()
        if night not in back and ranked.get(night, audited_at) <= audited_at
    )


def taken_back(changes: Iterable[Served]) -> set[Publication]:
    """Collect the publications that a rollback took back.

    A rollback takes back what was published after the night that it goes back to. What is served
    again, by a later rollback, is not taken back any more.
    """
    back: set[Publication] = set()
    published: list[Served] = []
    for change in sorted(changes, key=lambda one: one.sequence):
        if change.action == "publish":
            published.append(change)
        elif change.action == "rollback":
            same = [one.sequence for one in published if key_of(one) == key_of(change)]
            back |= {key_of(one) for one in published if one.sequence > max(same, default=0)}
        back.discard(key_of(change))
    return back


def key_of(change: Served) -> Publication:
    """Return what makes a publication: its night and the version of its lists."""
    return (change.as_of, change.version)


def _nights_taken_back(changes: list[Served]) -> set[datetime]:
    """Collect the nights whose newest lists were taken back."""
    back = taken_back(changes)
    in_order = sorted(changes, key=lambda one: one.sequence)
    newest = {one.as_of: key_of(one) for one in in_order if one.action == "publish"}
    return {night for night, publication in newest.items() if publication in back}


def _audited_at(context: Context, before: datetime) -> dict[datetime, datetime]:
    """Map every night that passed its newest audit to that audit's time."""
    if not context.store.exists("checks"):
        return {}
    checks = context.store.read_mine("checks").where(F.col("step").isin(*AUDITS))
    audits = (
        checks.where(f"as_of < {sql_timestamp(before)}")
        .groupBy("as_of", "run_id")
        .agg(
            F.max("checked_at").alias("checked_at"),
            F.max((F.col("outcome") == "error").cast("int")).alias("failed"),
        )
    )
    newest = audits.groupBy("as_of").agg(F.max_by("failed", "checked_at"), F.max("checked_at"))
    return {_utc(row[0]): _utc(row[2]) for row in newest.collect() if not row[1]}


def _ranked_at(context: Context, before: datetime) -> dict[datetime, datetime]:
    """Map every night to the start of the newest run that ranked its lists."""
    if not context.store.exists("runs"):
        return {}
    runs = context.store.read_mine("runs").where("step = 'recommend' AND outcome = 'ok'")
    newest = runs.where(f"as_of < {sql_timestamp(before)}").groupBy("as_of")
    rows = newest.agg(F.max("started_at").alias("started_at")).collect()
    return {_utc(row["as_of"]): _utc(row["started_at"]) for row in rows}


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
