"""The nights of the tests, each run once."""

from pathlib import Path

import pytest

from jobs.nights import Night, night_settings, run_night, with_another_future
from ritornello.generator.write import write as write_generated


@pytest.fixture(scope="session")
def generated(spark, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    write_generated(spark, night_settings(folder).generator, str(folder), partitions=2)
    return folder


@pytest.fixture(scope="session")
def night(spark, generated, tmp_path_factory) -> Night:
    return run_night(spark, generated, tmp_path_factory.mktemp("night"))


@pytest.fixture(scope="session")
def night_with_another_future(spark, generated, tmp_path_factory) -> Night:
    folder = tmp_path_factory.mktemp("changed")
    with_another_future(spark, generated, folder)
    return run_night(spark, folder, tmp_path_factory.mktemp("night-changed"))
