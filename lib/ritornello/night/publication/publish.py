"""Publish lists that pass the audit, and roll them back."""

from datetime import datetime

from pyspark.sql import functions as F

from ritornello.errors import AuditError, ConflictError, UsageError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.publication.audit import Audit, audit, night_to_compare, write_checks
from ritornello.night.publication.bar import take_out
from ritornello.night.publication.outcomes import write_exposures
from ritornello.night.publication.passed import key_of, taken_back
from ritornello.night.publication.served import Served, lists_of, published_nights, serve


def publish(
    context: Context, as_of: datetime, *, shadow: str | None = None, even_if_older: bool = False
) -> str:
    """Audit the lists as of an instant and serve them.

    If they fail, the lists served before stay. A night older than the one served is only audited,
    unless ``even_if_older``. ``shadow`` is the version of the ranker that does not serve yet.
    """
    store = context.store
    if not store.has("recommendations", as_of=as_of):
        raise UsageError(f"there are no lists as of {iso(as_of)}: run refresh --as-of {iso(as_of)}")
    version, nights = store.version("recommendations"), published_nights(store)
    report, versions = _audited(context, as_of, nights, shadow=shadow, step="publish")
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


def audit_night(context: Context, as_of: datetime, *, shadow: str | None = None) -> bool:
    """Audit the lists as of an instant without serving them.

    Returns whether they passed.

    A later night may go on from lists that passed, served or not.
    """
    nights = published_nights(context.store)
    report, _ = _audited(context, as_of, nights, shadow=shadow, step="audit")
    return not report.failed


def _audited(
    context: Context, as_of: datetime, nights: list[Served], *, shadow: str | None, step: str
) -> tuple[Audit, dict[str, int]]:
    """Audit a night, write its checks, and return the versions that it read."""
    report = audit(context, as_of, night_to_compare(context, as_of, nights), shadow=shadow)
    versions = dict(context.store.versions_read)
    write_checks(context, as_of, report.checks, step=step)
    return report, versions


def _refuse(as_of: datetime, served: Served | None, report: Audit) -> None:
    if report.failed:
        kept = f"those as of {iso(served.as_of)} stay" if served else "nothing is served"
        why = "; ".join(str(check) for check in report.failed)
        raise AuditError(f"lists as of {iso(as_of)} failed the audit, {kept}: {why}")


def rollback(context: Context, to: datetime | None = None) -> str:
    """Take back the night that was published last, and serve the one before again.

    ``to`` names the night to serve instead. Run again, it finds that there is nothing left to do.
    """
    with context.step("rollback", to):
        nights = published_nights(context.store)
        target = night_to_serve_again(nights, to)
        if target is None or key_of(target) == key_of(nights[0]):
            return _nothing_to_take_back(nights)
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
        barred = take_out(context)
    less = f", less {barred:,} places that were barred since" if barred else ""
    return (
        f"lists as of {iso(nights[0].as_of)} are taken back: "
        f"those as of {iso(target.as_of)} are served again{less}"
    )


def _nothing_to_take_back(nights: list[Served]) -> str:
    served = iso(nights[0].as_of)
    last = next(night for night in nights if night.action == "publish")
    done = f"lists as of {iso(last.as_of)} are taken back already, and those as of {served} served"
    if key_of(last) == key_of(nights[0]):
        done = f"lists as of {served} are served already"
    return f"nothing to do: {done}; name an earlier night with --to to go further back"


def night_to_serve_again(nights: list[Served], to: datetime | None) -> Served | None:
    """Return the night that a rollback goes back to.

    None means that the last one is taken back already.

    ``nights`` are all changes, newest first. Without ``to`` it is the night published before the
    last one. A night that was taken back is not gone back to, unless it is named.
    """
    publications = [night for night in nights if night.action == "publish"]
    if not publications:
        raise UsageError("nothing was ever published: there is nothing to go back to")
    if to is not None:
        matches = [night for night in publications if night.as_of == to]
        if not matches:
            raise UsageError(f"no night as of {iso(to)} was ever published")
        return matches[0]
    last, back = publications[0], taken_back(nights)
    if key_of(last) in back:
        return None
    older = [n for n in publications if key_of(n) not in {*back, key_of(last)}]
    if not older:
        raise UsageError(f"no night was published before {iso(last.as_of)}")
    return older[0]
