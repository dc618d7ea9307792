"""What the doctor and the status say of a machine and a warehouse."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from ritornello.cli import main
from ritornello.job import Context
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store
from ritornello.upkeep import doctor
from ritornello.upkeep.doctor import FAULT, OK, WARNING, examine
from ritornello.upkeep.status import status_of

NOW = datetime(2025, 1, 6, 12, tzinfo=UTC)
DEAD = json.dumps(["elsewhere", 1, "1"])


def findings_of(subject: str, settings, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(one.state, one.text) for one in examine(settings, now=now) if one.subject == subject]


@pytest.fixture(scope="module")
def warehouse(spark, tmp_path_factory) -> str:
    """A warehouse in which two steps ran, one of them in vain, and a dead run has a lease."""
    place = str(tmp_path_factory.mktemp("w") / "warehouse")
    console = Console(quiet=True)
    settings = load_settings([], [f"warehouse={place}"])
    store = Store(spark, place)
    context = Context(spark, store, settings, console, run_id="one")
    with context.step("build_features", NOW):
        store.append(
            "users",
            spark.createDataFrame(
                [(1, "11", None)], "user_id int, source_user_id string, user_name string"
            ),
        )
    other = Context(spark, store, settings, console, run_id="two")
    with pytest.raises(ZeroDivisionError), other.step("train_als", NOW):
        store.read("users").count() / 0
    rows = [("track", "refresh", NOW, "one", NOW, datetime.now(UTC) + timedelta(hours=1), DEAD)]
    columns = store.contracts["leases"].columns
    schema = ", ".join(f"{column.name} {column.type}" for column in columns)
    store.append("leases", spark.createDataFrame(rows, schema))
    return place


def test_a_machine_is_looked_at_part_by_part(tmp_path, monkeypatch):
    settings = load_settings([], [f"warehouse={tmp_path}/new"])
    monkeypatch.setattr(doctor, "free_memory", lambda: 1 << 30)
    assert findings_of("memory", settings)[0][0] == FAULT
    assert "only 1,024 MiB are free" in findings_of("memory", settings)[0][1]
    monkeypatch.setattr(doctor, "free_memory", lambda: 4 << 30)
    assert findings_of("memory", settings)[0][0] == WARNING
    monkeypatch.setattr(doctor, "free_memory", lambda: 64 << 30)
    assert findings_of("memory", settings)[0][0] == OK
    assert findings_of("Java", settings)[0][0] == OK
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert findings_of("Java", settings)[0] == (
        FAULT,
        "Java is missing: install OpenJDK 17 and put it on PATH or in JAVA_HOME",
    )
    assert findings_of("tables", settings)[0][0] == WARNING
    assert "is empty" in findings_of("tables", settings)[0][1]


def test_a_place_that_cannot_be_written_is_a_fault(tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings = load_settings([], [f"warehouse={tmp_path}/file/w"])
    state, text = findings_of("warehouse", settings)[0]
    assert (state, "cannot be written" in text) == (FAULT, True)


def test_a_warehouse_is_looked_at_too(warehouse):
    settings = load_settings([], [f"warehouse={warehouse}"])
    now = datetime.now(UTC)
    assert findings_of("tables", settings, now)[0][0] == OK
    assert findings_of("clock", settings, now)[0][0] == OK
    early = findings_of("clock", settings, now - timedelta(days=1))[0]
    assert (early[0], "set this machine's clock" in early[1]) == (FAULT, True)
    ((state, text),) = findings_of("leases", settings, now)
    assert (state, "run one has the lease on refresh" in text) == (OK, True)


def test_a_lease_of_a_dead_process_is_named(warehouse, monkeypatch):
    monkeypatch.setattr(doctor, "is_surely_dead", lambda process: process.pid == 1)
    settings = load_settings([], [f"warehouse={warehouse}"])
    ((state, text),) = findings_of("leases", settings, datetime.now(UTC))
    assert (state, "the next run takes it over" in text) == (WARNING, True)


def test_the_status_has_runs_newest_first_and_the_sizes(warehouse, capsys):
    status = status_of(warehouse, "track", now=NOW, last=10)
    assert status.night is None
    assert [(one["run_id"], one["last_step"], one["outcome"]) for one in status.runs] == [
        ("two", "train_als", "ZeroDivisionError"),
        ("one", "build_features", "ok"),
    ]
    sizes = {one["table"]: one["rows"] for one in status.sizes}
    assert (sizes["users"], sizes["runs"]) == (1, 2)
    with pytest.raises(SystemExit) as end:
        main(["status", "--warehouse", warehouse, "--json", "--last", "1"])
    shown = json.loads(capsys.readouterr().out)
    assert (end.value.code, len(shown["runs"]), shown["served"]) == (0, 1, None)


def test_listeners_are_shown_and_searched(warehouse, capsys):
    for arguments, expected in ((["listeners"], 1), (["listeners", "zzz"], 0)):
        with pytest.raises(SystemExit) as end:
            main([*arguments, "--warehouse", warehouse, "--json"])
        shown = json.loads(capsys.readouterr().out)
        assert (end.value.code, len(shown["listeners"]), shown["everybody"]) == (0, expected, 1)
