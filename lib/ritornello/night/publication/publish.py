"""Publish lists that pass the audit, and roll them back."""

from datetime import datetime

from pyspark.sql import functions as F

from ritornello.errors import AuditError, ConflictError, UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.publication.audit import Audit, audit, night_to_compare, write_checks
from ritornello.night.publication.outcomes import write_exposures
from ritornello.night.publication.served import Served, lists_of, published_nights, serve


def publish(
    context: Context, as_of: datetime, *, shadow: str | None = None, even_if_older: bool = False
) -> str:
    """Audit the lists as of an instant and serve them.

    If they fail, the lists served before stay. A night older than the one served is only audited,
    unless ``even_if_older``. ``shadow`` is the version of the ranker that does not serve yet.
    """
    store = context.store
    version, nights = store.version("recommendations"), published_nights(store)
    report = audit(context, as_of, night_to_compare(context, as_of, nights), shadow=shadow)
    versions = dict(store.versions_read)
    write_checks(context, as_of, report.checks)
    served = nights[0] if nights else None
    _refuse(as_of, served, report)
    if served and served.as_of > as_of and not even_if_older:
        return f"lists as of {iso(as_of)} passed; the newer ones as of {iso(served.as_of)} stay"
    if store.version("recommendations") != version:
        raise ConflictError("recommendations changed during the audit: run the same command again")
    write_exposures(context, as_of, version)
    serve(
        context,
        as_of=as_of,
        version=version,
        listeners=report.listeners,
        action="publish",
        versions=versions,
    )
    return f"lists as of {iso(as_of)} of {report.listeners:,} listeners are served"


def _refuse(as_of: datetime, served: Served | None, report: Audit) -> None:
    if report.failed:
        kept = f"those as of {iso(served.as_of)} stay" if served else "nothing is served"
        why = "; ".join(str(check) for check in report.failed)
        raise AuditError(f"lists as of {iso(as_of)} failed the audit, {kept}: {why}")


def rollback(context: Context, to: datetime | None = None) -> str:
    """Serve an earlier published night again, by default the one before."""
    with context.step("rollback", to):
        nights = published_nights(context.store)
        target = earlier_night(nights, to)
        rows = lists_of(context.store, target.as_of, version=target.version)
        listeners = rows.agg(F.count_distinct("user_id")).first()
        if listeners is None or listeners[0] != target.listeners:
            raise UsageError(
                f"the lists as of {iso(target.as_of)} are not all in the warehouse any more: "
                "recommend and publish that night again"
            )
        serve(
            context,
            as_of=target.as_of,
            version=target.version,
            listeners=target.listeners,
            action="rollback",
            versions={"recommendations": target.version},
        )
    return f"lists as of {iso(target.as_of)} are served again, no longer {iso(nights[0].as_of)}"


def earlier_night(nights: list[Served], to: datetime | None) -> Served:
    """Return the night to go back to.

    ``nights`` are all changes, newest first. Without ``to`` it is the night published before the one
    served now, so that going back twice goes back two nights. A night that was rolled back does not
    count.
    """
    if not nights:
        raise UsageError("nothing was ever published: there is nothing to go back to")
    publications = [night for night in nights if night.action == "publish"]
    if to is not None:
        matches = [night for night in publications if night.as_of == to]
        if not matches:
            raise UsageError(f"no night as of {iso(to)} was ever published")
        return matches[0]
    served = nights[0]
    first = min(n.sequence for n in publications if _same(n, served))
    older = [n for n in publications if n.sequence < first and not _same(n, served)]
    if not older:
        raise UsageError(f"no night was published before {iso(served.as_of)}")
    return older[0]


def _same(one: Served, other: Served) -> bool:
    return (one.as_of, one.version) == (other.as_of, other.version)
