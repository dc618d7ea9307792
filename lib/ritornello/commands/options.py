"""Options that several commands share, and how a command becomes a job."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ritornello import job
from ritornello.cli import INSTANT, settings_from
from ritornello.config import Settings
from ritornello.instants import iso
from ritornello.job import Context

HORIZON = click.option(
    "--horizon", help="Test plays: days after the as-of instant, or to_end (evaluation only)."
)
INPUT_KIND = click.option(
    "--kind", type=click.Choice(["full", "increment"]), default="full", show_default=True
)
RECEIVED_UNTIL = click.option(
    "--received-until",
    type=INSTANT,
    help="Later plays are in the future (default: the newest play).",
)
PAGE_OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there."
)


def with_horizon(overrides: tuple[str, ...], horizon: str | None) -> tuple[str, ...]:
    if horizon is None:
        return overrides
    return (*overrides, f"evaluation.horizon_days={horizon}")


def page(text: str, out: Path | None) -> int:
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
    return 0


def run(name: str, common: dict[str, Any], body: Any) -> int:
    settings: Settings = settings_from(**common)
    return job.run(name, settings, body)


def derive(name: str, common: dict[str, Any], as_of: datetime, step: Any) -> int:
    def body(context: Context) -> str:
        step(context, as_of)
        return f"{name} as of {iso(as_of)} is done"

    return run(name, common, body)
