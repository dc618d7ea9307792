"""Cron lines and the Kubernetes application: what they submit are jobs with options they take."""

import re
import shlex
from pathlib import Path

import click
import yaml

from ritornello.cli import cli

ROOT = Path(__file__).resolve().parents[1]
SCHEDULES = ROOT / "conf" / "schedules"


def check(job: str, arguments: list[str]) -> click.Context:
    """The command line takes the arguments; nothing runs."""
    assert (ROOT / "jobs" / f"{job}.py").exists(), job
    command = cli.get_command(click.Context(cli), job.replace("_", "-"))
    return command.make_context(job, list(arguments))


def test_cron_lines_submit_what_there_is():
    lines = re.findall(r"^[0-9*]+ .*", (SCHEDULES / "crontab").read_text(), re.MULTILINE)
    jobs = [line.split("jobs/")[1].partition(".py") for line in lines]
    parsed = [check(name, shlex.split(rest)) for name, _, rest in jobs]
    assert [context.info_name for context in parsed] == ["refresh", "refresh", "maintain"]
    assert parsed[0].params["as_of"].hour == 0  # today: the last midnight
    assert not any("%" in line for line in lines)  # cron would read a new line


def test_the_kubernetes_application_submits_what_there_is():
    document = yaml.safe_load((SCHEDULES / "kubernetes.yaml").read_text())
    spark = document["spec"]["template"]
    job = Path(spark["mainApplicationFile"]).stem
    context = check(job, [str(argument) for argument in spark["arguments"]])
    assert context.params["warehouse"] == "s3a://music/warehouse"
    assert document["spec"]["concurrencyPolicy"] == "Forbid"
