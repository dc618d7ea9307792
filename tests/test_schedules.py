"""Cron lines and the Kubernetes application: what they submit are jobs with options they take."""

import fcntl
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
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
    jobs = [line.rstrip("; }").split("jobs/")[1].partition(".py") for line in lines]
    parsed = [check(name, shlex.split(rest)) for name, _, rest in jobs]
    assert [context.info_name for context in parsed] == ["refresh", "refresh", "maintain"]
    assert parsed[0].params["as_of"].hour == 0  # today: the last midnight
    # cron would read a bare one as a new line
    assert not any("%" in line.replace(r"\%", "") for line in lines)


@pytest.fixture
def line(tmp_path):
    """Run one line of the crontab as cron would, at an hour in UTC."""
    text = (SCHEDULES / "crontab").read_text()
    lines = re.findall(r"^(?:[0-9*]+ +){5}(.*)", text, re.MULTILINE)
    (tmp_path / ".jars").mkdir()
    (tmp_path / ".jars" / "a.jar").touch()

    def run(number: int, *, hour: str) -> tuple[int, str]:
        """Return its exit code and output."""
        clock = tmp_path / "date"
        clock.write_text(f'#!/bin/sh\n[ "$1 $2" = "-u +%H" ] && echo {hour}\n')
        clock.chmod(0o755)
        path = f"{tmp_path}:{os.environ['PATH']}"
        known = {"PATH": path, "RITORNELLO": str(tmp_path), "SUBMIT": "echo submitted"}
        shell = ["/bin/sh", "-c", lines[number].replace(r"\%", "%")]
        done = subprocess.run(shell, env=known, capture_output=True, text=True, cwd="/")
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.parametrize(("number", "hour"), [(0, "03"), (1, "05"), (2, "09")])
def test_a_cron_line_runs_at_its_hour_in_utc_only(line, number, hour):
    code, output = line(number, hour=hour)
    assert (code, output.startswith("submitted --jars .jars/a.jar jobs/")) == (0, True), output
    assert line(number, hour="02") == (0, "")


def test_a_retry_while_the_night_runs_is_silent(line, tmp_path):
    with (tmp_path / ".night").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert line(1, hour="05") == (0, "")
    assert line(1, hour="05")[1].startswith("submitted")


def test_the_kubernetes_application_submits_what_there_is():
    document = yaml.safe_load((SCHEDULES / "kubernetes.yaml").read_text())
    spark = document["spec"]["template"]
    job = Path(spark["mainApplicationFile"]).stem
    context = check(job, [str(argument) for argument in spark["arguments"]])
    assert context.params["warehouse"] == "s3a://music/warehouse"
    assert document["spec"]["concurrencyPolicy"] == "Forbid"


def test_versions_agree_with_the_lock():
    lock = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    spark = yaml.safe_load((SCHEDULES / "kubernetes.yaml").read_text())["spec"]["template"]
    assert spark["sparkVersion"] == locked["pyspark"]
    assert spark["image"] == f"ritornello:{version}-spark{locked['pyspark']}"
    images = re.findall(r"^(?:FROM|COPY --from=)\s*(\S+)", dockerfile(), re.MULTILINE)
    assert images == [
        f"apache/spark:{locked['pyspark']}-scala2.12-java17-ubuntu",
        f"ghcr.io/astral-sh/uv:{locked['uv']}",
    ]


def test_the_image_holds_what_the_application_names():
    copied = re.findall(r"^COPY (?!--)(.*) (/opt/ritornello/\S*)$", dockerfile(), re.MULTILINE)
    sources = {source for sources, _ in copied for source in sources.split()}
    ignored = (SCHEDULES / "Dockerfile.dockerignore").read_text().split()
    assert {f"!{source}" for source in sources} == set(ignored) - {"*"}
    spark = yaml.safe_load((SCHEDULES / "kubernetes.yaml").read_text())["spec"]["template"]
    named = [spark["mainApplicationFile"].removeprefix("local://"), *map(str, spark["arguments"])]
    for path in (Path(one) for one in named if one.startswith("/opt/ritornello/")):
        inside = path.relative_to("/opt/ritornello")
        assert inside.parts[0] in sources
        assert (ROOT / inside).exists()
    for role in ("driver", "executor"):
        folder = spark["sparkConf"][f"spark.{role}.extraClassPath"].removesuffix("*")
        assert (".jars/*.jar", folder) in copied


def dockerfile() -> str:
    return (SCHEDULES / "Dockerfile").read_text()
