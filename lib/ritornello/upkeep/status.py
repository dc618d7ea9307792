"""Report the served night, the last runs and sizes, without Spark."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ritornello.errors import UsageError
from ritornello.instants import iso
from ritornello.listener.night import Night, served_night
from ritornello.listener.reader import Reader

RUN = ("started_at", "run_id", "step", "as_of", "seconds", "rows", "outcome")


@dataclass(frozen=True)
class Status:
    """The state of a warehouse. ``night`` is None where there are no lists yet."""

    warehouse: str
    night: Night | None
    age: timedelta | None
    runs: list[dict[str, Any]]
    sizes: list[dict[str, Any]]

    def as_results(self) -> dict[str, Any]:
        """Return the same as plain values for JSON."""
        served = self.night and {
            "as_of": iso(self.night.as_of),
            "days_old": round(self.age / timedelta(days=1), 2) if self.age else 0.0,
            "is_published": self.night.version is not None,
        }
        return {
            "warehouse": self.warehouse,
            "served": served,
            "runs": self.runs,
            "tables": self.sizes,
        }


def status_of(warehouse: str, item_kind: str, *, now: datetime, last: int) -> Status:
    """Return the state of a warehouse with its last runs, newest first.

    Raises UsageError if the warehouse holds no table.
    """
    tables = Reader(warehouse, item_kind)
    present = tables.present()
    if not present:
        raise UsageError(
            f"{tables.warehouse} holds no tables: check --warehouse, or run refresh with --input"
        )
    night = None
    if "recommendations" in present:
        night = served_night(tables)
    sizes = [{"table": name, **tables.size(name)} for name in present]
    age = now - night.as_of if night else None
    return Status(tables.warehouse, night, age, _last_runs(tables, last, present), sizes)


def _last_runs(tables: Reader, last: int, present: list[str]) -> list[dict[str, Any]]:
    """Return the last commands: their steps, seconds and outcome."""
    if "runs" not in present:
        return []
    steps = tables.read("runs", RUN).sort_values("started_at")
    runs = []
    for run_id, rows in steps.groupby("run_id", sort=False):
        wrong = rows[rows["outcome"] != "ok"]
        runs.append(
            {
                "run_id": run_id,
                "started_at": iso(rows["started_at"].iloc[0]),
                "steps": len(rows),
                "last_step": str(rows["step"].iloc[-1]),
                "seconds": round(float(rows["seconds"].sum()), 1),
                "outcome": "ok" if wrong.empty else str(wrong["outcome"].iloc[-1]),
            }
        )
    return runs[::-1][:last]
