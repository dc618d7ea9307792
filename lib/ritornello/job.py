"""The frame of every job: session, run log, last line, exit code."""

import contextlib
import json
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession
from rich.console import Console

from ritornello.code_version import code_version
from ritornello.errors import BadInputError
from ritornello.explain import explained_line
from ritornello.instants import iso
from ritornello.interpreted import interpreted
from ritornello.interrupts import InterruptedJobError, interruptible
from ritornello.logfile import quiet_gateway
from ritornello.one_driver import one_driver_on_s3
from ritornello.progress import job_console, progress_bar
from ritornello.session import build_session, end_session
from ritornello.settings.settings import Settings
from ritornello.tables.damage import damaged
from ritornello.tables.slices import Slice
from ritornello.tables.store import Store
from ritornello.telemetry import Telemetry


@dataclass(frozen=True)
class Lineage:
    """The hashes of a step's inputs, and the slices that it writes."""

    inputs: dict[str, str]
    writes: tuple[Slice, ...]


@dataclass
class Context:
    """The session, store, settings and console that a step works with.

    ``console`` is for people. Results go through ``store``, and what a command reports goes into
    ``results`` too, which --json prints.
    """

    spark: SparkSession
    store: Store
    settings: Settings
    console: Console
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    telemetry: Telemetry = field(default_factory=Telemetry)
    results: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def step(
        self, name: str, as_of: datetime | None = None, lineage: Lineage | None = None
    ) -> Iterator[None]:
        """Run the block as a step and record it.

        A step shows a progress bar, prints a line with rows and seconds, and adds a row to `runs`.
        ``lineage`` goes into that row, so that a graph can tell later which steps are up to date.
        """
        label = f"{name} {iso(as_of)}" if as_of else name
        with described(self.spark, f"{label} ({self.run_id})"):
            yield from self._step(name, as_of, label, lineage)

    def _step(
        self, name: str, as_of: datetime | None, label: str, lineage: Lineage | None
    ) -> Iterator[None]:
        self.store.check_version("runs")
        self.store.versions_read, self.store.written = {}, []
        started, clock = datetime.now(UTC), time.monotonic()
        outcome = "ok"
        try:
            with progress_bar(self.console, self.spark, label):
                yield
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            seconds = time.monotonic() - clock
            rows = sum(written.rows for written in self.store.written)
            day = iso(as_of) if as_of else None
            self.telemetry.step(name, as_of=day, seconds=seconds, rows=rows, outcome=outcome)
            self._log(name, as_of, started, seconds, outcome, lineage)
        self.console.print(f"  {label:<44} {rows:>12,} rows {seconds:>8.1f} s", highlight=False)

    def _log(
        self,
        step: str,
        as_of: datetime | None,
        started: datetime,
        seconds: float,
        outcome: str,
        lineage: Lineage | None,
    ) -> None:
        read, written = dict(self.store.versions_read), list(self.store.written)
        if not written and (outcome != "ok" or not read) and not self.store.exists("runs"):
            return  # nothing was read or written, and there may be no warehouse yet
        known = lineage if outcome == "ok" else None
        row = (
            self.run_id,
            step,
            self.settings.item_kind,
            as_of,
            started,
            seconds,
            sum(one.rows for one in written),
            outcome,
            self.settings.fingerprint(),
            code_version(),
            read,
            {one.table: one.version for one in written},
            known and known.inputs,
            known and {str(part): self.store.fingerprint(part) for part in known.writes},
        )
        self.append_rows("runs", [row])

    def append_rows(
        self, table: str, rows: list[tuple[Any, ...]], *, turn: tuple[str, int] | None = None
    ) -> None:
        """Append a few rows to an operations table.

        Values are in the order of the contract's columns.
        """
        columns = self.store.contracts[table].columns
        schema = ", ".join(f"`{column.name}` {column.type}" for column in columns)
        with interpreted(self.spark):
            self.store.append(table, self.spark.createDataFrame(rows, schema), turn=turn)


@contextmanager
def described(spark: SparkSession, text: str) -> Iterator[None]:
    """Describe the block's Spark jobs by ``text``, then restore the description."""
    context, key = spark.sparkContext, "spark.job.description"
    before = context.getLocalProperty(key)
    context.setLocalProperty(key, text)
    try:
        yield
    finally:
        context.setLocalProperty(key, before)  # type: ignore[arg-type]  # None removes it


def run(
    name: str, settings: Settings, body: Callable[[Context], str], *, as_json: bool = False
) -> int:
    """Run ``body`` in a session of its own and return the exit code.

    ``body`` returns the sentence that is printed last on success. After an error, the last line says
    what is wrong, and the trace is in the log file. With ``as_json`` standard output is one JSON
    object: the sentence, the exit code and the results. The session is always stopped, so that the
    process can end.
    """
    console = job_console(stderr=as_json)
    telemetry = Telemetry(name, uuid.uuid4().hex[:12], settings.operations.log == "json")
    # it quotes the trace of an error that is raised anyway
    warnings.filterwarnings("ignore", "toPandas attempted Arrow optimization")
    quiet_gateway()
    session = _Session(name, settings, console, telemetry)
    try:
        sentence, code = interruptible(lambda: session.run(body), ready=session.ready), 0
    except InterruptedJobError as error:
        sentence, code = _interrupted(error), error.exit_code
    except Exception as error:
        sentence, code = _explained(error, session.store, name)
    finally:
        session.end()
    telemetry.end(code, sentence, metrics_file=settings.operations.metrics_file)
    if as_json:
        about = {"command": name, "exit_code": code, "sentence": sentence}
        print(json.dumps({**about, **session.results}, default=str), flush=True)
    if code == 0 and not as_json:
        print(sentence, flush=True)
    if code and not telemetry.as_json:  # a log in JSON has the sentence in its last line
        print(sentence, file=sys.stderr, flush=True)
    return code


@dataclass
class _Session:
    """The session of one job, from its first step to its end."""

    name: str
    settings: Settings
    console: Console
    telemetry: Telemetry
    spark: SparkSession | None = None
    store: Store | None = None
    results: dict[str, Any] = field(default_factory=dict)
    ready: threading.Event = field(default_factory=threading.Event)

    def run(self, body: Callable[[Context], str]) -> str:
        try:
            self.spark = build_session(
                self.settings.spark,
                name=f"ritornello {self.name}",
                warehouse=self.settings.warehouse,
            )
        finally:
            self.ready.set()
        self.store = Store(self.spark, self.settings.warehouse, self.settings.item_kind)
        context = Context(
            self.spark,
            self.store,
            self.settings,
            self.console,
            self.telemetry.run_id,
            self.telemetry,
            self.results,
        )
        with one_driver_on_s3(
            self.spark, self.store.warehouse, self.telemetry.run_id, self.telemetry
        ):
            return body(context)

    def end(self) -> None:
        if self.spark is not None:
            with contextlib.suppress(Exception):  # Java may be gone
                end_session(self.spark)


def _interrupted(error: InterruptedJobError) -> str:
    left = "" if error.ended else " (the next run takes over its lease)"
    return f"interrupted: nothing is half written{left}, run the same command again to continue"


def _explained(error: Exception, store: Store | None, name: str) -> tuple[str, int]:
    """Return the last line and the exit code of a job that failed.

    A damaged file of the warehouse is reported as damage, neither as a bug nor, in an import, as bad
    input.
    """
    cause = error.__cause__ if isinstance(error, BadInputError) else error
    shown = damaged(cause, store) if store and cause else None
    return explained_line(error, name, shown, warehouse=store.warehouse if store else None)
