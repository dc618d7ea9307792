"""The DAGs in a real Airflow: two nights of generated listening, then a night before them."""

import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyspark
import pytest

from jobs.nights import CONF
from ritornello.generator.write import write as write_generated
from ritornello.night.publication.served import published_nights
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store
from ritornello.tables.upkeep import slices_of

pytestmark = [pytest.mark.integration, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
AIRFLOW = ROOT / "build" / "airflow" / "bin" / "airflow"
NIGHTS = [datetime(2025, 1, day, tzinfo=UTC) for day in (5, 6, 7)]


@pytest.fixture(scope="module")
def airflow(spark, tmp_path_factory):
    """Run an Airflow command on the DAGs of conf/schedules; returns what it printed."""
    home = tmp_path_factory.mktemp("airflow")
    small = load_settings([CONF], ["generator.listeners=60", "generator.tracks=1000"])
    write_generated(spark, small.generator, str(home / "generated"), partitions=2)
    jars = ",".join(str(path) for path in sorted((ROOT / ".jars").glob("*.jar")))
    submit = [f"{Path(pyspark.__file__).parent}/bin/spark-submit", "--master", "local[2]"]
    submit += ["--driver-memory", "2g", "--jars", jars]
    options = [
        "--conf",
        str(CONF),
        "--set",
        "spark.master=",
        "--warehouse",
        str(home / "warehouse"),
    ]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYSPARK")},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "conf" / "schedules"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT / "lib"),
        "RITORNELLO_SUBMIT": shlex.join(submit),
        "RITORNELLO_JOBS": str(ROOT / "jobs"),
        "RITORNELLO_OPTIONS": shlex.join(options),
        "RITORNELLO_DELIVERIES": str(home / "generated"),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(AIRFLOW), *arguments], env=environment, capture_output=True, text=True, cwd=home
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    run("db", "migrate")
    run.warehouse = str(home / "warehouse")
    return run


def test_the_dags_load(airflow):
    listed = airflow("dags", "list", "--local", "--output", "json")
    dags = {dag["dag_id"] for dag in json.loads(listed[listed.index("[{") :])}
    assert dags == {"ritornello_nightly", "ritornello_backfill"}
    assert "No data found" in airflow("dags", "list-import-errors", "--local")


def test_two_nights_are_served_and_a_night_before_them_is_filled_in(airflow, spark):
    before, first, second = NIGHTS
    for night in (first, second):
        airflow("dags", "test", "ritornello_nightly", night.strftime("%Y-%m-%dT04:00:00+00:00"))
    params = {name: before.strftime("%Y-%m-%d") for name in ("first", "last")}
    airflow("dags", "test", "ritornello_backfill", "2025-01-08", "--conf", json.dumps(params))

    store = Store(spark, airflow.warehouse)
    assert [night.as_of for night in published_nights(store)] == [second, first]
    assert slices_of(store, "recommendations") == NIGHTS
    imports = store.read("runs").where("step = 'import_plays' AND outcome = 'ok'")
    assert {row.rows > 0 for row in imports.collect()} == {True, False}  # the second: nothing new
