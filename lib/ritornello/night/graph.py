"""A night as data: steps with the slices they read and write.

A step is up to date if its newest run read the same slices with the same settings and code, and its
output has not changed since. So running a night twice does nothing the second time, and a night that
failed resumes where it stopped. Slices are identified by their files (tables/slices.py), never by
reading rows.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import functions as F

from ritornello.code_version import code_version
from ritornello.errors import ConflictError
from ritornello.instants import iso
from ritornello.job import Context, Lineage
from ritornello.tables.slices import Slice, is_as_it_was

Key = tuple[str, datetime]
SHOWN = 5  # changed settings that a reason names


@dataclass(frozen=True)
class Step:
    """One step of a night.

    Whether it is up to date depends on its slices and on these sections of the settings.
    """

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
    """The newest successful run of a step, as recorded in `runs`."""

    inputs: dict[str, str]
    outputs: dict[str, str]
    rows: int
    seconds: float
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """The outcome of running a graph.

    ``results`` are those of the steps that ran.
    """

    ran: list[Step]
    skipped: list[Step]
    results: list[Any]


def run_steps(
    context: Context,
    steps: Sequence[Step],
    *,
    heartbeat: Callable[[], None] = lambda: None,
    again: bool = False,
) -> Done:
    """Run the steps that are not up to date, in order.

    The first error ends the run. With ``again``, steps that are up to date run as well.
    """
    last, done = last_runs(context, steps), Done([], [], [])
    for step in steps:
        heartbeat()
        inputs = inputs_of(context, step)
        why = reason(step, last.get(step.key), inputs, outputs_of(context, step))
        if why is None and not again:
            context.telemetry.event("skipped", step=step.name, as_of=iso(step.as_of))
            done.skipped.append(step)
            continue
        done.results.append(_run_one(context, step, inputs))
        done.ran.append(step)
    return done


def run_step(context: Context, step: Step) -> Any:
    """Run one step, up to date or not, and return its result."""
    with context.step(step.name, step.as_of):
        return step.run()


def _run_one(context: Context, step: Step, inputs: dict[str, str]) -> Any:
    """Run a step, and retry write conflicts after a random pause."""
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
    """Return the reason to run a step, None if up to date."""
    if last is None:
        return "never ran"
    grows = {str(part) for part in step.reads if part.grows}
    changed = [
        name
        for name in {**last.inputs, **inputs}
        if not is_as_it_was(last.inputs.get(name, "-"), inputs.get(name, "-"), grows=name in grows)
    ]
    if changed:
        return _what_changed(sorted(changed), last.inputs, inputs)
    lost = sorted(name for name in outputs if outputs[name] != last.outputs.get(name))
    return "overwritten: " + ", ".join(lost) if lost else None


def _what_changed(changed: list[str], before: dict[str, str], now: dict[str, str]) -> str:
    """Say which inputs changed, and of the settings which key and how."""
    others = [name for name in changed if name != "settings"]
    parts = [f"changed: {', '.join(others)}"] if others else []
    if "settings" in changed:
        keys = changed_settings(before.get("settings", ""), now.get("settings", ""))
        more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
        parts.insert(0, f"settings changed: {', '.join(keys[:SHOWN]) or 'all'}{more}")
    return "; ".join(parts)


def changed_settings(before: str, now: str) -> list[str]:
    """List the settings that differ, such as ``als.rank 16 -> 8``.

    There are none if the earlier text is only a hash, as older versions kept it.
    """
    try:
        then, today = _flat(json.loads(before)), _flat(json.loads(now))
    except (ValueError, AttributeError):
        return []
    keys = [key for key in {**then, **today} if then.get(key) != today.get(key)]
    return [f"{key} {then.get(key)} -> {today.get(key)}" for key in keys]


def _flat(nested: dict[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{key}.")
        else:
            flat[f"{above}{key}"] = value
    return flat


def inputs_of(context: Context, step: Step) -> dict[str, str]:
    """Return the settings, the code and hashes of the slices to read."""
    slices = {str(part): context.store.fingerprint(part) for part in step.reads}
    return {"settings": settings_text(context, step), "code": code_version(), **slices}


def settings_text(context: Context, step: Step) -> str:
    """Return the sections of the settings that the step depends on, as JSON."""
    return context.settings.text_of("item_kind", *step.settings)


def outputs_of(context: Context, step: Step) -> dict[str, str]:
    """Hash the slices that the step writes, as they are now."""
    return {str(part): context.store.fingerprint(part) for part in step.writes}


def last_runs(context: Context, steps: Iterable[Step]) -> dict[Key, LastRun]:
    """Return the newest successful run of each step that has one.

    Only runs by a graph count, because only they record their inputs.
    """
    if not context.store.exists("runs"):
        return {}
    names = sorted({step.name for step in steps})
    columns = ("inputs", "outputs", "rows", "seconds", "versions_read")
    good = (F.col("outcome") == "ok") & F.col("inputs").isNotNull()
    rows = (
        context.store.read_mine("runs")
        .where(good & F.col("step").isin(names))
        .groupBy("step", "as_of")
        .agg(F.max_by(F.struct(*columns), "started_at").alias("run"))
        .where(F.col("as_of").isin([step.as_of for step in steps]))
    )
    return {
        (row["step"], row["as_of"].astimezone(UTC)): LastRun(
            row["run"]["inputs"],
            row["run"]["outputs"] or {},
            row["run"]["rows"],
            row["run"]["seconds"],
            row["run"]["versions_read"] or {},
        )
        for row in rows.collect()
    }
