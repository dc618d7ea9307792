"""How a command becomes a job: settings from the options, then a session of its own."""

from datetime import datetime
from typing import Any

from ritornello import job
from ritornello.commands.options import settings_from
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.settings.settings import Settings


def run(name: str, common: dict[str, Any], body: Any) -> int:
    settings: Settings = settings_from(**common)
    return job.run(name, settings, body)


def derive(name: str, common: dict[str, Any], as_of: datetime, step: Any) -> int:
    def body(context: Context) -> str:
        step(context, as_of)
        return f"{name} as of {iso(as_of)} is done"

    return run(name, common, body)
