"""Run a command as a job, with settings from its options."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ritornello import job
from ritornello.commands.options import settings_from
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.night.graph import Step, run_step
from ritornello.settings.settings import Settings

StepMaker = Callable[[Context, datetime], Step]


def run(name: str, common: dict[str, Any], body: Any) -> int:
    settings: Settings = settings_from(**common)
    return job.run(name, settings, body)


def derive(name: str, common: dict[str, Any], as_of: datetime, step: StepMaker) -> int:
    """Run one step of the night, even if it is up to date."""

    def body(context: Context) -> str:
        run_step(context, step(context, as_of))
        return f"{name} as of {iso(as_of)} is done"

    return run(name, common, body)
