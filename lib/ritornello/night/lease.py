"""Lease a job's day, so that only one run works on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ritornello.errors import BusyError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.tables.conflicts import named_errors
from ritornello.tables.leases import Claim, end_lease, take_lease


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

    Raises BusyError if another run has the lease.
    """
    claim = Claim(job, as_of, context.run_id)
    own = Lease(context, claim, _take(context, claim, take_over=take_over))
    try:
        yield own
    finally:
        end_lease(context.store, claim, now=datetime.now(UTC))


def _take(context: Context, claim: Claim, *, take_over: bool) -> datetime:
    now = datetime.now(UTC)
    until = now + timedelta(minutes=context.settings.night.lease_minutes)
    with named_errors("leases"):
        row = take_lease(context.store, claim, now=now, until=until, take_over=take_over).first()
    assert row is not None
    if row["holder"] != claim.holder:
        expires = row["expires_at"].astimezone(UTC)
        raise BusyError(
            f"run {row['holder']} works on {claim.job} as of {iso(claim.as_of)} and has the lease "
            f"until {iso(expires)}: wait for it to end, or add --take-over if you know it crashed"
        )
    return until
