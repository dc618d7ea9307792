"""A night as data: steps with the slices they take and leave, and what is still to be done.

A step is up to date if the newest run of it took the same slices with the same settings and code,
and what it left is as it left it. So a second night of a day does nothing, and a night that failed
goes on where it stopped. Slices are told by their files (tables/slices.py), never by reading rows.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import functions as F

from ritornello.code_version import code_version
from ritornello.errors import ConflictError
from ritornello.instants import iso
from ritornello.job import Context, Lineage
from ritornello.tables.slices import Slice, is_as_it_was

Key = tuple[str, datetime]


@dataclass(frozen=True)
class Step:
    """One step of a night. It is up to date by its slices and these sections of the settings."""

    name: str
    as_of: datetime
    reads: tuple[Slice, ...]
    writes: tuple[Slice, ...]
    settings: tuple[str, ...]
    run: Callable[[], Any]

    @property
    def key(self) -> Key:
        return (self.name, self.as_of)

    def __str__(self) -> str:
        return f"{self.name} {iso(self.as_of)}"


@dataclass(frozen=True)
class LastRun:
    """What `runs` knows of the newest good run of a step."""

    inputs: dict[str, str]
    outputs: dict[str, str]
    rows: int
    seconds: float


@dataclass(frozen=True)
class Done:
    """What became of the steps of a graph; ``results`` are those of the steps that ran."""

    ran: list[Step]
    skipped: list[Step]
    results: list[Any]


def run_steps(
    context: Context, steps: Sequence[Step], *, heartbeat: Callable[[], None] = lambda: None
) -> Done:
    """Run what is not up to date, in the order given; the first error ends it."""
    last, done = last_runs(context, steps), Done([], [], [])
    for step in steps:
        heartbeat()
        inputs = inputs_of(context, step)
        if reason(step, last.get(step.key), inputs, outputs_of(context, step)) is None:
            context.telemetry.event("skipped", step=step.name, as_of=iso(step.as_of))
            done.skipped.append(step)
            continue
        done.results.append(_run_one(context, step, inputs))
        done.ran.append(step)
    return done


def run_step(context: Context, step: Step) -> Any:
    """Run one step by itself, up to date or not, and return its result."""
    with context.step(step.name, step.as_of):
        return step.run()


def _run_one(context: Context, step: Step, inputs: dict[str, str]) -> Any:
    """Run a step, and again after a random pause if another writer got in between."""
    attempt, lineage = 1, Lineage(inputs, step.writes)
    while True:
        try:
            with context.step(step.name, step.as_of, lineage):
                return step.run()
        except ConflictError:
            if attempt == context.settings.night.conflict_attempts:
                raise
            time.sleep(random.uniform(0, 2.0**attempt))
            attempt += 1


def reason(
    step: Step, last: LastRun | None, inputs: dict[str, str], outputs: dict[str, str]
) -> str | None:
    """Why the step must run; nothing if it is up to date."""
    if last is None:
        return "never ran"
    grows = {str(part) for part in step.reads if part.grows}
    changed = [
        name
        for name in {**last.inputs, **inputs}
        if not is_as_it_was(last.inputs.get(name, "-"), inputs.get(name, "-"), grows=name in grows)
    ]
    if changed:
        return "changed: " + ", ".join(sorted(changed))
    lost = sorted(name for name in outputs if outputs[name] != last.outputs.get(name))
    return "overwritten: " + ", ".join(lost) if lost else None


def inputs_of(context: Context, step: Step) -> dict[str, str]:
    """Hashes of the settings, of the code and of each slice that the step takes."""
    slices = {str(part): context.store.fingerprint(part) for part in step.reads}
    return {"settings": settings_hash(context, step), "code": code_version(), **slices}


def settings_hash(context: Context, step: Step) -> str:
    """A hash of the sections of the settings that the step depends on."""
    return context.settings.fingerprint("item_kind", *step.settings)


def outputs_of(context: Context, step: Step) -> dict[str, str]:
    """Hashes of the slices that the step leaves, as they are now."""
    return {str(part): context.store.fingerprint(part) for part in step.writes}


def last_runs(context: Context, steps: Iterable[Step]) -> dict[Key, LastRun]:
    """The newest good run of each of the steps that a graph has run."""
    if not context.store.exists("runs"):
        return {}
    names = sorted({step.name for step in steps})
    good = (F.col("outcome") == "ok") & F.col("inputs").isNotNull()
    rows = (
        context.store.read_mine("runs")
        .where(good & F.col("step").isin(names))
        .groupBy("step", "as_of")
        .agg(F.max_by(F.struct("inputs", "outputs", "rows", "seconds"), "started_at").alias("run"))
        .where(F.col("as_of").isin([step.as_of for step in steps]))
    )
    return {
        (row["step"], row["as_of"].astimezone(UTC)): LastRun(
            row["run"]["inputs"],
            row["run"]["outputs"] or {},
            row["run"]["rows"],
            row["run"]["seconds"],
        )
        for row in rows.collect()
    }
