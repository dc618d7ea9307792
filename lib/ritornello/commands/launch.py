"""Run a command as a job.

Spark is loaded here, after the settings were checked.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ritornello.commands.inputs import quick_if_small
from ritornello.commands.options import Common
from ritornello.instants import iso
from ritornello.settings.settings import Settings

if TYPE_CHECKING:
    from ritornello.job import Context
    from ritornello.night.graph import Step

Body = Callable[[Any], str]


def run(
    name: str,
    common: Common,
    body: Body,
    *,
    settings: Settings | None = None,
    inputs: Sequence[str] = (),
) -> int:
    """Run the body as a job, and return the exit code.

    ``inputs`` are files and folders that it reads beside the warehouse. Where both hold little, the job
    runs as a short one, unless ``settings`` are given.
    """
    checked = settings or quick_if_small(common, *inputs).settings()
    from ritornello import job

    return job.run(name, checked, body, as_json=common.as_json)


def derive(
    name: str,
    common: Common,
    as_of: datetime,
    step: "Callable[[], Callable[[Context, datetime], Step]]",
) -> int:
    """Run one step of the night, even if it is up to date.

    ``step`` loads what makes it.
    """

    def body(context: "Context") -> str:
        from ritornello.night.graph import run_step

        run_step(context, step()(context, as_of))
        return f"{name} as of {iso(as_of)} is done"

    return run(name, common, body)
