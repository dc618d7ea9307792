"""One small Spark session for all tests, and the real data where there is any."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark import SparkContext
from pyspark.sql import SparkSession

from ritornello.interpreted import INTERPRETED
from ritornello.session import build_session
from ritornello.settings.session import SparkSettings

ROOT = Path(__file__).resolve().parents[1]
if os.environ.get("RITORNELLO_DATA"):  # made absolute before any test changes the directory
    os.environ["RITORNELLO_DATA"] = str(Path(os.environ["RITORNELLO_DATA"]).resolve())
TINY = SparkSettings(
    master="local[2]",
    driver_memory="2g",
    shuffle_partitions=2,
    jars=str(ROOT / ".jars"),
    properties={
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        # with so few rows, compiling a query takes longer than running it
        **INTERPRETED,
    },
)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.chdir(tmp_path_factory.mktemp("cwd"))
    session = build_session(TINY, name="tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SparkContext, "stop", _refused)
        yield session
    session.stop()


def _refused(_context: SparkContext) -> None:
    """A test that ends the session of all is the one that fails, not those after it."""
    pytest.fail("a test may not stop the tests' session: start a process for what does")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder in RITORNELLO_DATA; without it the test skips, and says so aloud."""
    folder = os.environ.get("RITORNELLO_DATA")
    if not folder or not Path(folder).is_dir():
        warnings.warn("RITORNELLO_DATA IS NOT SET: nothing was tested on real data", stacklevel=1)
        pytest.skip("RITORNELLO_DATA is not set: nothing was tested on real data")
    return Path(folder).resolve()


# what takes longest begins first, or at the end one process would wait for the other
FIRST = (
    *("jobs", "test_compare.py", "test_cluster.py", "test_runbook.py"),
    *("test_artists.py", "test_old_warehouse.py"),
)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups and -m the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side (make test) a file stays in one process, and so do the nights of tests/jobs.

    Whatever lies in tests/integration is marked so.
    """
    for item in items:
        if "integration" in item.path.parts:
            item.add_marker(pytest.mark.integration)
        item.add_marker(pytest.mark.xdist_group(str(_group(item))))
    items.sort(key=_place)


def _group(item: pytest.Item) -> Path:
    return item.path.parent if item.path.parent.name == "jobs" else item.path


def _place(item: pytest.Item) -> int:
    name = _group(item).name
    return FIRST.index(name) if name in FIRST else len(FIRST)
