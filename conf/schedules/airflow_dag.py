"""Airflow 3: a night is one spark-submit, a back-fill another. Put this file in the DAGs folder.

What is asked of the environment of the workers (Airflow connections and pools stay untouched):

RITORNELLO_SUBMIT      spark-submit with its options, e.g. `spark-submit --master yarn --py-files …`
RITORNELLO_JOBS        folder or URI of jobs/
RITORNELLO_OPTIONS     options of every job, e.g. `--conf cluster.yaml --warehouse s3a://music/warehouse`
RITORNELLO_DELIVERIES  folder or URI to import before a night; {day} is its day. Optional

A job that is tried again goes on where it stopped. Its exit codes 2, 3 and 4 (settings, input, audit)
need a person: such a task is not tried again, and the lists served before stay.
"""

import os
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

NEEDS_A_PERSON = (2, 3, 4)
DEFAULTS = {"retries": 2, "retry_delay": timedelta(minutes=10)}


def submit(job: str, *arguments: str) -> None:
    """Submit a job and wait for it."""
    environment = os.environ
    command = [
        *shlex.split(environment["RITORNELLO_SUBMIT"]),
        f"{environment['RITORNELLO_JOBS']}/{job}.py",
        *shlex.split(environment.get("RITORNELLO_OPTIONS", "")),
        *arguments,
    ]
    code = subprocess.run(command, check=False).returncode
    if code in NEEDS_A_PERSON:
        raise AirflowFailException(f"{job} ended with {code}: its last line says what to do")
    if code:
        raise AirflowException(f"{job} ended with {code}")


@dag(
    dag_id="ritornello_nightly",
    schedule="0 3 * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
)
def nightly() -> None:
    @task
    def refresh(data_interval_end: datetime | None = None, dag_run: Any = None) -> None:
        at = data_interval_end or dag_run.run_after  # a run started by hand may have no interval
        day = at.strftime("%Y-%m-%d")  # as of the midnight before the run
        deliveries = os.environ.get("RITORNELLO_DELIVERIES")
        source = ("--input", deliveries.format(day=day)) if deliveries else ()
        submit("refresh", "--as-of", day, *source)

    refresh()


@dag(
    dag_id="ritornello_backfill",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "first": Param(type="string", format="date", description="first night"),
        "last": Param(type="string", format="date", description="last night"),
    },
)
def backfill() -> None:
    @task
    def fill(params: dict[str, str] | None = None) -> None:
        assert params is not None
        submit("backfill", params["first"], params["last"])

    fill()


nightly()
backfill()
