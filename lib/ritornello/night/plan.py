"""Plan a night: list its steps and why each would run.

Nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import functions as F
from rich.table import Table

from ritornello.as_of import instant
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.graph import LastRun, Step, inputs_of, last_runs, outputs_of, reason


@dataclass(frozen=True)
class Planned:
    """A step with the reason to run it and its size.

    ``why`` is None if the step is up to date. ``rows_out`` and ``seconds`` are those of the newest
    successful run of a step of that name, None if there was none.
    """

    step: Step
    why: str | None
    versions: dict[str, int]
    rows_in: int
    rows_out: int | None
    seconds: float | None


def plan_steps(context: Context, steps: Sequence[Step]) -> list[Planned]:
    """Decide for every step whether it would run.

    A step runs also if an earlier step renews one of its inputs.
    """
    last, usual = last_runs(context, steps), _usual(context)
    planned: list[Planned] = []
    to_run: list[Step] = []
    for step in steps:
        known = last.get(step.key)
        inputs = inputs_of(context, step)
        why = reason(step, known, inputs, outputs_of(context, step))
        if why is not None and known is not None:
            why += _listeners_changed(context, step, known, inputs)
        why = why or _awaited(step, to_run)
        if why is not None:
            to_run.append(step)
        tables = sorted({part.table for part in step.reads})
        rows, seconds = usual.get(step.name, (None, None))
        planned.append(
            Planned(
                step,
                why,
                {table: context.store.version(table) for table in tables},
                sum(file.rows for part in step.reads for file in context.store.files(part)),
                rows,
                seconds,
            )
        )
    return planned


def _awaited(step: Step, to_run: Sequence[Step]) -> str | None:
    renewed = [
        str(earlier)
        for earlier in to_run
        if any(taken.overlaps(left) for taken in step.reads for left in earlier.writes)
    ]
    return "after " + ", ".join(renewed) if renewed else None


def _listeners_changed(context: Context, step: Step, last: LastRun, inputs: dict[str, str]) -> str:
    """Say how many listeners' plays changed since the last run."""
    plays = [str(part) for part in step.reads if part.table == "plays"]
    changed = any(last.inputs.get(name) != inputs[name] for name in plays)
    version = last.versions.get("plays")
    if not changed or version is None or not context.store.exists("changed_listeners"):
        return ""
    later = F.col("plays_version") > version
    before = F.col("first_played_at") < instant(step.as_of)
    notes = context.store.read("changed_listeners").where(later & before)
    row = notes.agg(F.count_distinct("user_id")).first()
    return f" ({row[0]:,} listeners)" if row and row[0] else ""


def as_results(planned: Sequence[Planned]) -> list[dict[str, Any]]:
    """Return a plan as plain values for JSON.

    ``why`` is null where a step is up to date.
    """
    return [
        {
            "step": one.step.name,
            "as_of": iso(one.step.as_of),
            "why": one.why,
            "rows_in": one.rows_in,
            "rows_out": one.rows_out,
            "seconds": one.seconds,
            "versions": one.versions,
        }
        for one in planned
    ]


def _usual(context: Context) -> dict[str, tuple[int, float]]:
    """Return rows and seconds of the newest successful run by step."""
    if not context.store.exists("runs"):
        return {}
    good = context.store.read_mine("runs").where(F.col("outcome") == "ok")
    newest = F.max_by(F.struct("rows", "seconds"), "started_at").alias("run")
    rows = good.groupBy("step").agg(newest).collect()
    return {row["step"]: (row["run"]["rows"], row["run"]["seconds"]) for row in rows}


def print_plan(context: Context, planned: Sequence[Planned]) -> str:
    """Print the table of a plan and return the closing sentence."""
    table = Table(box=None)
    for title in ("step", "as of", "rows in", "rows out", "seconds", "tables at version", "why"):
        table.add_column(title, justify="right" if title in ("rows in", "rows out") else "left")
    for one in planned:
        table.add_row(
            one.step.name,
            iso(one.step.as_of),
            f"{one.rows_in:,}",
            "?" if one.rows_out is None else f"~{one.rows_out:,}",
            "?" if one.seconds is None else f"~{one.seconds:.0f}",
            " ".join(f"{name}@{version}" for name, version in one.versions.items()),
            one.why or "[dim]up to date[/dim]",
        )
    context.console.print(table)
    context.results["steps"] = as_results(planned)
    to_run = sum(one.why is not None for one in planned)
    return f"{to_run} of {len(planned)} steps would run; nothing was written"
