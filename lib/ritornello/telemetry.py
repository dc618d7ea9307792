"""Report a job to machines: lines of JSON, a Prometheus textfile, an alert.

None of them can make a job fail.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ritornello.errors import INTERRUPTED, TERMINATED, UsageError

ALERT_COMMAND = "RITORNELLO_ALERT_COMMAND"
ALERT_WEBHOOK = "RITORNELLO_ALERT_WEBHOOK"
ALERT_SECONDS = 10


@dataclass
class Telemetry:
    """The events of one job, logged at once and kept for the textfile."""

    job: str = "job"
    run_id: str = ""
    as_json: bool = False
    steps: dict[str, tuple[float, int]] = field(default_factory=dict)
    checks: dict[str, float] = field(default_factory=dict)

    def event(self, event: str, **fields: Any) -> None:
        """Write one line of JSON to standard error, if ``as_json`` is set."""
        if self.as_json:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = {"at": at, "job": self.job, "run_id": self.run_id, "event": event, **fields}
            print(json.dumps(line, default=str), file=sys.stderr, flush=True)

    def step(self, name: str, *, seconds: float, rows: int, outcome: str, **fields: Any) -> None:
        """Record the end of a step."""
        earlier = self.steps.get(name, (0.0, 0))
        self.steps[name] = (earlier[0] + seconds, earlier[1] + rows)
        self.event(
            "step", step=name, seconds=round(seconds, 3), rows=rows, outcome=outcome, **fields
        )

    def check(self, name: str, value: float | None, outcome: str) -> None:
        """Record one check of an audit."""
        if value is not None:
            self.checks[name] = value
        self.event("check", check=name, value=value, outcome=outcome)

    def end(self, code: int, sentence: str, *, metrics_file: str | None) -> None:
        """Record the end of the job, and send an alert if it failed."""
        self.event("end", exit_code=code, sentence=sentence)
        if metrics_file:
            _quietly(lambda: write_metrics(Path(metrics_file), self, code))
        asked_for = code in (0, INTERRUPTED, TERMINATED)
        if not asked_for and not (
            code == UsageError.exit_code and sys.stderr.isatty()
        ):  # a person sees that one
            alert(os.environ, job=self.job, run_id=self.run_id, exit_code=code, sentence=sentence)


def write_metrics(path: Path, telemetry: Telemetry, code: int) -> None:
    """Write the textfile for Prometheus' node exporter, in one atomic rename."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile  # a tenth of a second

    registry = CollectorRegistry()

    def gauge(name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"ritornello_{name}", says, ("job", *labels), registry=registry)

    ended = gauge("last_end_seconds", "When the job ended, in seconds since 1970.")
    ended.labels(telemetry.job).set(round(datetime.now(UTC).timestamp()))
    gauge("exit_code", "Exit code of the job.").labels(telemetry.job).set(code)
    took = gauge("step_seconds", "Seconds that a step took.", "step")
    wrote = gauge("step_rows", "Rows that a step wrote.", "step")
    for name, (seconds, rows) in telemetry.steps.items():
        took.labels(telemetry.job, name).set(round(seconds, 3))
        wrote.labels(telemetry.job, name).set(rows)
    checks = gauge("check", "Value of a check of the audit.", "check")
    for name, value in telemetry.checks.items():
        checks.labels(telemetry.job, name).set(value)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def alert(environment: Mapping[str, str], **report: Any) -> None:
    """Send a JSON object to the alert command and to the webhook, where set.

    The command reads it from standard input, and the webhook gets it by POST.
    """
    text = json.dumps({"source": "ritornello", **report}, default=str)
    command, webhook = environment.get(ALERT_COMMAND), environment.get(ALERT_WEBHOOK)
    if command:
        _quietly(
            lambda: subprocess.run(
                command,
                shell=True,
                input=text,
                text=True,
                check=True,
                timeout=ALERT_SECONDS,
                stdout=subprocess.DEVNULL,
            )
        )
    if webhook:
        _quietly(lambda: _post(webhook, text))


def _post(webhook: str, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(webhook, data=text.encode(), headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=ALERT_SECONDS):
        pass


def _quietly(action: Any) -> None:
    """Run an action. If it fails, say so and go on."""
    try:
        action()
    except Exception as error:
        print(f"metrics or alert could not be delivered: {type(error).__name__}", file=sys.stderr)
