"""Lease a job's day, so that only one run works on it.

A run that was killed does not keep others waiting. If it ran on this machine and its process is gone,
its lease is passed on at once. Elsewhere its heartbeat decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import Row

from ritornello.errors import BusyError
from ritornello.heartbeat import SILENCE, beating
from ritornello.instants import iso, parse_instant
from ritornello.interpreted import interpreted
from ritornello.job import Context
from ritornello.process import Process, is_surely_dead, this_process
from ritornello.tables.conflicts import named_errors
from ritornello.tables.creation import read_text
from ritornello.tables.leases import Claim, end_lease, read_lease, take_lease

NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)  # of a job that has the whole warehouse to itself
IMPORT = "import"


@dataclass
class Lease:
    """The lease of this run on a job and day."""

    context: Context
    claim: Claim
    expires_at: datetime

    def still_here(self) -> None:
        """Renew the lease once half of its time is over."""
        half = timedelta(minutes=self.context.settings.night.lease_minutes) / 2
        if datetime.now(UTC) > self.expires_at - half:
            self.expires_at = _take(self.context, self.claim, take_over=False)


@contextmanager
def lease(
    context: Context, job: str, as_of: datetime, *, take_over: bool = False
) -> Iterator[Lease]:
    """Lease the day of a job while the block runs.

    Raises BusyError if another run has the lease and may be alive.
    """
    with _leased(context, context.store.item_kind, job, as_of, take_over=take_over) as own:
        yield own


@contextmanager
def import_lease(context: Context) -> Iterator[None]:
    """Lease the plays and ids of the warehouse while the block runs.

    They are shared by both kinds of item, so the lease is as well.
    """
    with _leased(context, "all", IMPORT, NO_DAY, take_over=False):
        yield


@contextmanager
def _leased(
    context: Context, item_kind: str, job: str, as_of: datetime, *, take_over: bool
) -> Iterator[Lease]:
    claim = Claim(item_kind, job, as_of, context.run_id, str(this_process()))
    file, telemetry = _beat_file(context, context.run_id), context.telemetry
    with beating(context.spark, file, lambda: iso(datetime.now(UTC)), telemetry):
        own = Lease(context, claim, _take(context, claim, take_over=take_over))
        try:
            yield own
        finally:
            with interpreted(context.spark):
                end_lease(context.store, claim, now=datetime.now(UTC))


def _take(context: Context, claim: Claim, *, take_over: bool) -> datetime:
    now = datetime.now(UTC)
    until = now + timedelta(minutes=context.settings.night.lease_minutes)
    with interpreted(context.spark):
        seen = read_lease(context.store, claim)
    owner = seen.row
    dead = owner["holder"] if owner is not None and _is_dead(context, owner) else None
    if owner is not None and dead is not None and owner["expires_at"].astimezone(UTC) > now:
        context.console.print(
            f"  run {dead} died while working on {_of(claim)}: this run takes over its lease",
            highlight=False,
        )
    with interpreted(context.spark), named_errors("leases"):
        row = take_lease(
            context.store, claim, now=now, until=until, seen=seen, dead=dead, take_over=take_over
        ).first()
    assert row is not None
    if row["holder"] != claim.holder:
        raise BusyError(
            f"run {row['holder']} works on {_of(claim)}: wait for it to end; if it was killed, its "
            f"lease is free {SILENCE.seconds // 60} minutes after its last sign of life"
        )
    return until


def _of(claim: Claim) -> str:
    return claim.job if claim.as_of == NO_DAY else f"{claim.job} as of {iso(claim.as_of)}"


def _is_dead(context: Context, owner: Row) -> bool:
    """Tell whether the owner of a lease is gone.

    Without its process only the end of the lease can tell.
    """
    if not owner["process"]:
        return False
    if is_surely_dead(Process.parse(owner["process"])):
        return True
    beat = read_text(context.spark, _beat_file(context, owner["holder"]))
    return beat is None or datetime.now(UTC) - parse_instant(beat) > SILENCE


def _beat_file(context: Context, run_id: str) -> str:
    return f"{context.store.warehouse}/heartbeats/{run_id}"
