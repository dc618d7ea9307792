"""A night with its warehouse on a real S3 server, compared with local files."""

import os
import socket
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from py4j.protocol import Py4JJavaError
from rich.console import Console

from jobs.nights import AS_OF, CONF, DERIVED, SMALLEST, all_differences
from ritornello.errors import BusyError, UsageError
from ritornello.explain import explained
from ritornello.generator.write import write as write_generated
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.listener.reader import Reader
from ritornello.night.graph import run_step
from ritornello.night.publication.served import published_nights
from ritornello.night.refresh import refresh
from ritornello.night.state_steps import features_step
from ritornello.night.steps import als_step
from ritornello.one_driver import needs_one_driver, one_driver
from ritornello.settings.loading import load_settings
from ritornello.sources.files import list_files
from ritornello.sources.one_csv import write_one_csv
from ritornello.tables.creation import delete_file, list_names, read_text
from ritornello.tables.damage import damaged
from ritornello.tables.slices import part
from ritornello.tables.store import Store
from ritornello.telemetry import Telemetry

pytestmark = [pytest.mark.integration, pytest.mark.long]
SERVER = Path(__file__).resolve().parents[2] / "build" / "s3" / "versitygw"
KEYS = {"access.key": "ritornello", "secret.key": "only-for-the-tests"}
BUCKET = "music"
PLAYS = ("plays", "users", "tracks", "rejected_plays")
BY_THE_CLOCK = {"plays.received_at"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """An S3 server with one bucket, and its address."""
    if not SERVER.exists():
        warnings.warn("NOTHING WAS TESTED ON S3: tests/integration/s3.sh says why", stacklevel=1)
        pytest.skip("no S3 server: tests/integration/s3.sh says why")
    folder = tmp_path_factory.mktemp("s3")
    (folder / BUCKET).mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = {"ROOT_ACCESS_KEY": KEYS["access.key"], "ROOT_SECRET_KEY": KEYS["secret.key"]}
    command = [
        str(SERVER),
        "--quiet",
        "--port",
        f"127.0.0.1:{port}",
        "posix",
        str(folder),
    ]
    log = (folder.parent / "s3.log").open("wb")
    with subprocess.Popen(command, env={**os.environ, **keys}, stdout=log, stderr=log) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int, deadline: float = 30) -> None:
    ends = time.monotonic() + deadline
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def s3(spark, server):
    """The session, which can open the bucket."""
    known = {f"fs.s3a.bucket.{BUCKET}.{name}": value for name, value in KEYS.items()}
    known |= {"fs.s3a.endpoint": server, "fs.s3a.path.style.access": "true"}
    # this server refuses to delete the mark of a folder that is not empty, and S3A would try for minutes
    known |= {"fs.s3a.directory.marker.retention": "keep"}
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    for name, value in known.items():
        configuration.set(name, value)
    yield spark
    for name in known:
        configuration.unset(name)


def both(spark, folder: Path, run: Callable[[Context], None]) -> list[Store]:
    """Import the same listening into local files and into S3, then run the rest in each."""
    write_generated(
        spark, load_settings([CONF], SMALLEST).generator, str(folder / "in"), partitions=2
    )
    stores = []
    for warehouse in (str(folder / "warehouse"), f"s3a://{BUCKET}/{folder.name}"):
        settings = load_settings([CONF], [*SMALLEST, f"warehouse={warehouse}"])
        context = Context(spark, Store(spark, warehouse), settings, Console(quiet=True))
        import_plays(context, folder=str(folder / "in"))
        run(context)
        stores.append(context.store)
    return stores


def differing(local: Store, on_s3: Store) -> list[str]:
    """Tables that only one of them has, and columns that differ but for the clock's."""
    lonely = [name for name in local.contracts if local.exists(name) != on_s3.exists(name)]
    differences = all_differences(local, on_s3, (*PLAYS, *DERIVED))
    return lonely + [one for one in differences if one not in BY_THE_CLOCK]


@pytest.fixture(scope="module")
def stores(s3, tmp_path_factory):
    def first_steps(context: Context) -> None:
        for step in (features_step, als_step):
            run_step(context, step(context, AS_OF))

    return both(s3, tmp_path_factory.mktemp("steps"), first_steps)


def test_plays_features_and_factors_equal_those_of_a_local_warehouse(stores):
    assert all(
        stores[1].read(name).count() > 0 for name in ("plays", "histories", "als_user_factors")
    )
    assert differing(*stores) == []


def test_a_whole_night_equals_that_of_a_local_warehouse(s3, tmp_path_factory):
    local, on_s3 = both(s3, tmp_path_factory.mktemp("night"), lambda one: refresh(one, AS_OF))
    assert on_s3.read("recommendations").count() > 0
    assert [one.as_of for one in published_nights(on_s3)] == [AS_OF]
    assert differing(local, on_s3) == []


def test_a_listener_is_read_without_spark(stores, server, monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEYS["access.key"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secret.key"],
        "AWS_ENDPOINT_URL": server,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    columns, who = ["user_id", "source_user_id"], {"user_id": [1, 2, 3]}
    local, on_s3 = (Reader(store.warehouse).read("users", columns, **who) for store in stores)
    assert len(local) > 0
    assert local.equals(on_s3)


def test_one_driver_at_a_time_writes_to_s3(s3):
    place = f"s3a://{BUCKET}/alone"
    assert needs_one_driver(s3, place)
    with one_driver(s3, place, "first", Telemetry()):
        with pytest.raises(BusyError, match="on S3 one driver at a time may"):
            one_driver(s3, place, "second", Telemetry()).__enter__()
        assert list_names(s3, f"{place}/drivers") == ["first"]
    assert list_names(s3, f"{place}/drivers") == []


def test_one_csv_is_written_and_its_parts_are_gone(s3):
    rows = s3.range(100).repartition(3).sortWithinPartitions("id")
    write_one_csv(rows, f"s3a://{BUCKET}/csv/a.csv", staging=f"s3a://{BUCKET}/csv/_parts")
    text = read_text(s3, f"s3a://{BUCKET}/csv/a.csv")
    assert sorted(map(int, text.split()[1:])) == list(range(100))
    names = [file.name for file in list_files(s3, f"s3a://{BUCKET}/csv", hidden=True)]
    assert names == ["a.csv"]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("s3a://nothing/here", "S3 refused access to s3a://nothing"),  # no key is known for it
        ("s3a://absent/here", "there is no bucket for s3a://absent"),
    ],
)
def test_what_s3_refuses_is_said_in_one_sentence(s3, address, sentence):
    configuration = s3.sparkContext._jsc.hadoopConfiguration()
    for name, value in KEYS.items():
        configuration.set(f"fs.s3a.bucket.absent.{name}", value)
    with pytest.raises(Py4JJavaError) as error:
        list_names(s3, address)
    answer = explained(error.value)
    assert isinstance(answer, UsageError)
    assert sentence in str(answer)


def test_a_file_that_is_gone_from_s3_is_named(stores):
    store = stores[1]
    file = unquote(store.files(part("als_user_factors"))[0].path)  # no later test reads the table
    delete_file(store.spark, f"{store.path('als_user_factors')}/{file}")
    with pytest.raises(Py4JJavaError) as error:
        store.read("als_user_factors").toPandas()
    assert Path(file).name in str(damaged(error.value, store))
