"""The frame of every job: session, run log, last line, exit code."""

import sys
import time
import traceback
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
from ritornello.errors import BUG, INTERRUPTED, BadInputError, RitornelloError, UsageError
from ritornello.instants import iso
from ritornello.progress import progress_bar
from ritornello.session import build_session, end_session
from ritornello.settings.settings import Settings
from ritornello.tables.damage import damaged
from ritornello.tables.interpreted import interpreted
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

    ``console`` is for people. Results go through ``store`` only.
    """

    spark: SparkSession
    store: Store
    settings: Settings
    console: Console
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    telemetry: Telemetry = field(default_factory=Telemetry)

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


def run(name: str, settings: Settings, body: Callable[[Context], str]) -> int:
    """Run ``body`` in a session of its own and return the exit code.

    ``body`` returns the sentence that is printed last on success. After an error, the last line says
    what is wrong. The session is always stopped, so that the process can end.
    """
    console = Console() if sys.stdout.isatty() else Console(width=120)
    spark: SparkSession | None = None
    store: Store | None = None
    telemetry = Telemetry(name, uuid.uuid4().hex[:12], settings.operations.log == "json")
    # it quotes the trace of an error that is raised anyway
    warnings.filterwarnings("ignore", "toPandas attempted Arrow optimization")
    try:
        spark = build_session(settings.spark, name=f"ritornello {name}")
        store = Store(spark, settings.warehouse, settings.item_kind)
        context = Context(spark, store, settings, console, telemetry.run_id, telemetry)
        sentence = body(context)
        code = 0
    except KeyboardInterrupt:
        sentence, code = (
            "interrupted: no table is half written, run the same command again",
            INTERRUPTED,
        )
    except Exception as error:
        sentence, code = _explained(error, store)
    finally:
        if spark is not None:
            end_session(spark)
    telemetry.end(code, sentence, metrics_file=settings.operations.metrics_file)
    print(sentence, file=sys.stdout if code == 0 else sys.stderr, flush=True)
    return code


def _explained(error: Exception, store: Store | None) -> tuple[str, int]:
    """Return the last line and the exit code of a job that failed.

    A damaged file of the warehouse is no bug, and no bad input where an import met it.
    """
    cause = error.__cause__ if isinstance(error, BadInputError) else error
    known = damaged(cause, store) if store and cause else None
    if known or isinstance(error, RitornelloError):
        shown = known or error
        return f"error: {shown}", getattr(shown, "exit_code", BUG)
    traceback.print_exception(error, limit=20)
    return f"error: a bug in Ritornello, please report it: {_first_line(error)}", BUG


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300] if lines else ''}"


def require(value: datetime | None, option: str) -> datetime:
    """Return the value of a required option, or raise UsageError."""
    if value is None:
        raise UsageError(f"{option} is required: name the day or instant to work as of")
    return value
