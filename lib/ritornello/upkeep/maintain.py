"""The maintain command: inspect every table, report, then repair with ``--apply``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.table import Table

from ritornello.errors import UsageError
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.night.publication.served import served_night
from ritornello.tables.slices import Slice, utc_of
from ritornello.tables.upkeep import (
    Partition,
    Shape,
    compact,
    drop_slices,
    is_held,
    shape,
    slices_of,
    vacuum,
)

# readers read the lists at the published version: joining files would make another version
LEFT_AS_WRITTEN = {"recommendations"}
LOG = "runs"  # gains a file when the maintain step ends, so it is repaired after that


@dataclass(frozen=True)
class Care:
    """The maintenance that one table needs."""

    shape: Shape
    old: list[datetime]
    may_vacuum: bool


def maintain(context: Context, *, apply: bool) -> str:
    """Drop old slices, join small files and remove files nobody needs.

    Without ``apply`` only report what would be done.
    """
    store = context.store
    names = [name for name in store.contracts if store.exists(name)]
    cares = {name: _care(context, name) for name in names}
    _print(context, cares)
    crowded = sum(len(care.shape.crowded) for care in cares.values())
    old = sum(len(care.old) for care in cares.values())
    summary = f"{crowded} partitions with small files, {old} old slices"
    if not apply:
        files = sum(_removable(context, name) for name, care in cares.items() if care.may_vacuum)
        return f"{summary}, {files} files nobody needs; nothing was changed, --apply does it"
    with import_lease(context), context.step("maintain"):
        for name in names:
            if name != LOG:
                _mend(context, name, cares[name])
    if store.exists(LOG):
        _mend(context, LOG, _care(context, LOG))
    return (
        f"{summary}: mended; files older than {context.settings.maintain.vacuum_hours:g} h removed"
    )


def _care(context: Context, name: str) -> Care:
    store, settings = context.store, context.settings.maintain
    layout = shape(name, store.files(Slice(name)), store.contracts[name], factor=settings.crowded)
    if name in LEFT_AS_WRITTEN:
        layout = Shape(layout.table, layout.files, layout.bytes, ())
    return Care(layout, _old_slices(context, name), _may_vacuum(context, name))


def _old_slices(context: Context, name: str) -> list[datetime]:
    """List the slices older than `maintain.keep_days`, counted from the newest slice.

    The served night is never among them.
    """
    store, days = context.store, context.settings.maintain.keep_days
    unknown = sorted(set(days) - set(store.contracts))
    if unknown:
        raise UsageError(f"maintain.keep_days names tables that do not exist: {', '.join(unknown)}")
    if name not in days:
        return []
    slices, served = slices_of(store, name), served_night(store)
    last = max(slices) - timedelta(days=days[name]) if slices else None
    return [day for day in slices if last and day < last and not (served and day == served.as_of)]


def _may_vacuum(context: Context, name: str) -> bool:
    """Return whether vacuuming would spare every file of the served night."""
    served = served_night(context.store)
    if name != "recommendations" or served is None:
        return True
    return is_held(context.store, name, served.version, served.as_of)


def _removable(context: Context, name: str) -> int:
    hours = context.settings.maintain.vacuum_hours
    return vacuum(context.store, name, hours=hours, dry_run=True) or 0


def _mend(context: Context, name: str, care: Care) -> None:
    drop_slices(context.store, name, care.old)
    compact(context.store, name, [one for one in care.shape.crowded if not _is_old(one, care.old)])
    if care.may_vacuum:
        vacuum(context.store, name, hours=context.settings.maintain.vacuum_hours, dry_run=False)


def _is_old(partition: Partition, old: list[datetime]) -> bool:
    as_of = dict(partition).get("as_of")
    return as_of is not None and utc_of(as_of) in old


def _print(context: Context, cares: dict[str, Care]) -> None:
    table = Table(box=None)
    for title in ("table", "files", "MiB", "crowded partitions", "old slices", ""):
        table.add_column(title, justify="left" if title in ("table", "") else "right")
    for name, care in cares.items():
        table.add_row(
            name,
            f"{care.shape.files:,}",
            f"{care.shape.bytes / (1 << 20):,.1f}",
            str(len(care.shape.crowded)),
            str(len(care.old)),
            "" if care.may_vacuum else "not vacuumed: the served lists lie in older files",
        )
    context.console.print(table)
