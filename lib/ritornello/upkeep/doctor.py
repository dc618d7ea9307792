"""Check whether a machine and a warehouse are ready for a night."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ritornello.errors import RitornelloError
from ritornello.instants import iso
from ritornello.listener.reader import Reader
from ritornello.process import Process, is_surely_dead
from ritornello.session import check_jars, check_java, free_memory
from ritornello.settings.session import heap_bytes
from ritornello.settings.settings import Settings

OK, WARNING, FAULT = "ok", "warning", "fault"
LEAST_ROOM = 5 << 30  # a night of ten million plays writes some three GiB
CLOCK = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """The state of one subject, and what to do about it."""

    subject: str
    state: str
    text: str


def examine(settings: Settings, *, now: datetime) -> list[Finding]:
    """Return the findings in the order in which a night needs them."""
    return [*_machine(settings), *_place(settings), *_warehouse(settings, now)]


def _machine(settings: Settings) -> Iterator[Finding]:
    if not settings.spark.master:
        yield Finding("Spark", OK, "spark.master is empty: spark-submit decides where it runs")
    else:
        yield _tried("Java", check_java)
        yield _tried("jars", lambda: check_jars(settings.spark, settings.warehouse))
    heap, free = heap_bytes(settings.spark.driver_memory), free_memory()
    said = f"spark.driver_memory is {settings.spark.driver_memory}"
    if free is None:
        yield Finding("memory", OK, f"{said}; this system does not say how much is free")
    elif free < heap:
        text = f"{said}, but only {free >> 20:,} MiB are free: close other programs or lower it"
        yield Finding("memory", FAULT, text)
    elif free < 2 * heap:
        text = f"{said}, {free >> 20:,} MiB are free: Python workers need about as much again"
        yield Finding("memory", WARNING, text)
    else:
        yield Finding("memory", OK, f"{said}, {free >> 20:,} MiB are free")
    yield Finding("cores", OK, f"{os.cpu_count()} cores, spark.master {settings.spark.master}")


def _tried(subject: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, OK, check())
    except RitornelloError as error:
        return Finding(subject, FAULT, str(error))


def _place(settings: Settings) -> Iterator[Finding]:
    """Try to write where the warehouse and Spark's own files lie."""
    places = {"temporary files": Path(tempfile.gettempdir())}
    if "://" not in settings.warehouse:
        places["warehouse"] = Path(settings.warehouse).expanduser().absolute()
    for subject, place in places.items():
        there = next(one for one in (place, *place.parents) if one.exists())
        try:
            with tempfile.TemporaryFile(dir=there):
                pass
        except OSError as error:
            text = (
                f"{place} cannot be written ({error.strerror}): check its rights, or name another"
            )
            yield Finding(subject, FAULT, text)
            continue
        free = shutil.disk_usage(there).free
        state = OK if free > LEAST_ROOM else WARNING
        advice = "" if state == OK else ": make room before the next night"
        yield Finding(
            subject, state, f"{place} can be written, {free >> 30:,} GiB are free{advice}"
        )


def _warehouse(settings: Settings, now: datetime) -> Iterator[Finding]:
    tables = Reader(settings.warehouse, settings.item_kind)
    try:
        present = tables.present()
    except (OSError, RitornelloError) as error:
        yield Finding("tables", WARNING, f"{settings.warehouse} cannot be read here ({error})")
        return
    if not present:
        text = f"{settings.warehouse} is empty: run refresh with --input, or import-plays"
        yield Finding("tables", WARNING, text)
        return
    faults = list(_unreadable(tables, present))
    yield from faults
    if not faults:
        yield Finding("tables", OK, f"{len(present)} tables of this version in {tables.warehouse}")
    if "runs" in present:
        yield _clock(tables, now)
    if "leases" in present:
        yield from _leases(tables, now)


def _unreadable(tables: Reader, present: list[str]) -> Iterator[Finding]:
    for name in present:
        try:
            tables.size(name)
        except RitornelloError as error:
            yield Finding("tables", FAULT, str(error))


def _clock(tables: Reader, now: datetime) -> Finding:
    started = tables.read("runs", ("started_at",))["started_at"].max()
    if started.to_pydatetime() > now + CLOCK:
        text = f"a run began at {iso(started)}, and here it is {iso(now)}: set this machine's clock"
        return Finding("clock", FAULT, text)
    return Finding("clock", OK, f"{iso(now)}, the last step began at {iso(started)}")


def _leases(tables: Reader, now: datetime) -> Iterator[Finding]:
    rows = tables.read("leases", ("job", "as_of", "holder", "process", "expires_at"))
    busy = rows[rows["expires_at"] > now]
    if busy.empty:
        yield Finding("leases", OK, "no run is at work")
    for row in busy.to_dict("records"):
        what = f"run {row['holder']} has the lease on {row['job']} until {iso(row['expires_at'])}"
        dead = bool(row["process"]) and is_surely_dead(Process.parse(row["process"]))
        if dead:
            yield Finding("leases", WARNING, f"{what} and is gone: the next run takes it over")
        else:
            yield Finding("leases", OK, what)
