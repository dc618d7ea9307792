"""The graph of a night on two tiny tables: what runs again, what does not, and who is let in."""

import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from plays.stored import received
from ritornello import heartbeat as heartbeat_module
from ritornello.errors import BusyError, ConflictError, RowBudgetError
from ritornello.instants import iso
from ritornello.job import Context
from ritornello.lease import lease
from ritornello.night.graph import Step, run_steps
from ritornello.night.plan import plan_steps
from ritornello.process import Process, _started, is_surely_dead, this_process
from ritornello.settings.loading import load_settings
from ritornello.tables.creation import write_text
from ritornello.tables.leases import Claim, end_lease, read_lease, take_lease
from ritornello.tables.slices import Slice, data_file, part
from ritornello.tables.store import Store

DAY = datetime(2024, 5, 1, tzinfo=UTC)
PROFILE_AT_ALL = "user_id int, item_ids array<int>, played_at array<timestamp>"
FACTORS = "user_id int, factors array<float>"


@pytest.fixture
def context(spark, tmp_path) -> Context:
    settings = load_settings([], [f"warehouse={tmp_path}"])
    return Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))


def play(context, user: int, at: datetime, *, count: int = 1) -> None:
    rows = [(user, track, at, 1, at.date().replace(day=1)) for track in range(count)]
    schema = "user_id int, track_id int, played_at timestamp, weight int, month date"
    context.store.append("plays", received(context.spark.createDataFrame(rows, schema)))


def two_steps(context, *, rows: int = 1) -> list[Step]:
    """histories of a day from its plays, then factors from those histories."""
    spark, store = context.spark, context.store

    def histories() -> None:
        store.read("plays")
        df = spark.createDataFrame([(n, [1], [DAY]) for n in range(rows)], PROFILE_AT_ALL)
        store.replace("histories", df, as_of=DAY)

    def factors() -> None:
        users = store.read("histories", as_of=DAY).select("user_id")
        df = users.selectExpr("user_id", "array(cast(1 as float)) AS factors")
        store.replace("als_user_factors", df, as_of=DAY)

    return [
        Step(
            "build_features",
            DAY,
            reads=(Slice("plays", before=DAY), Slice("tracks", grows=True)),
            writes=(part("histories", as_of=DAY),),
            settings=("features",),
            run=histories,
        ),
        Step(
            "train_als",
            DAY,
            reads=(part("histories", as_of=DAY),),
            writes=(part("als_user_factors", as_of=DAY),),
            settings=("als",),
            run=factors,
        ),
    ]


def ran(context, steps) -> list[str]:
    return [step.name for step in run_steps(context, steps).ran]


def with_setting(context, override: str) -> Context:
    settings = load_settings([], [f"warehouse={context.store.warehouse}", override])
    return Context(context.spark, context.store, settings, context.console)


def test_only_what_changed_runs_again_and_a_plan_writes_nothing(context):
    play(context, 1, DAY - timedelta(days=3))
    steps = two_steps(context)
    fresh = plan_steps(context, steps)
    assert [one.why for one in fresh] == ["never ran", "never ran"]
    assert fresh[0].rows_in == 1
    assert fresh[0].rows_out is None
    assert not context.store.exists("histories")

    assert ran(context, steps) == ["build_features", "train_als"]
    assert ran(context, steps) == []  # the same day again

    play(context, 1, DAY + timedelta(hours=1))  # a later day's plays are no input
    assert ran(context, steps) == []

    play(context, 2, DAY - timedelta(days=2))  # a late play is
    names = ("plays", "histories", "als_user_factors", "runs")
    before = {name: context.store.version(name) for name in names}
    late = plan_steps(context, steps)
    assert late[0].why == "changed: plays before 2024-05-01T00:00:00Z"
    assert late[1].why == "after build_features 2024-05-01T00:00:00Z"
    assert (late[0].rows_in, late[0].rows_out) == (2, 1)
    assert {name: context.store.version(name) for name in names} == before
    assert ran(context, steps) == ["build_features", "train_als"]

    other = with_setting(context, "als.rank=8")
    assert [one.why for one in plan_steps(other, two_steps(other))] == [
        None,
        "settings changed: als.rank 32 -> 8",
    ]
    moved = with_setting(context, "spark.shuffle_partitions=9")  # not what comes of it
    assert ran(moved, two_steps(moved)) == []

    wiped = context.store.read("als_user_factors").where("false").drop("as_of")
    context.store.replace("als_user_factors", wiped, as_of=DAY)
    assert plan_steps(context, steps)[1].why.startswith("overwritten: als_user_factors")


def test_a_night_that_failed_goes_on_where_it_stopped(context):
    play(context, 1, DAY - timedelta(days=3))
    features, als = two_steps(context)

    def broken() -> None:
        raise ValueError("the machine is gone")

    with pytest.raises(ValueError, match="gone"):
        run_steps(context, [features, replace(als, run=broken)])
    outcomes = {row.step: row.outcome for row in context.store.read("runs").collect()}
    assert outcomes == {"build_features": "ok", "train_als": "ValueError"}
    assert ran(context, [features, als]) == ["train_als"]


def test_only_the_jobs_of_a_step_carry_its_name(context):
    def told() -> str:
        return context.spark.sparkContext.getLocalProperty("spark.job.description") or ""

    before = told()
    with context.step("evaluate"):
        with context.step("train_als", DAY):
            assert told().startswith("train_als 20")
        assert told().startswith("evaluate (")
    with pytest.raises(ZeroDivisionError), context.step("recommend"):
        raise ZeroDivisionError
    assert told() == before


def test_a_step_that_met_another_writer_is_done_anew(context, monkeypatch):
    monkeypatch.setattr("ritornello.night.graph.time.sleep", lambda _: None)
    play(context, 1, DAY - timedelta(days=3))
    features, _ = two_steps(context)
    met = []

    def met_once() -> None:
        met.append(1)
        if len(met) == 1:
            raise ConflictError("another run")
        features.run()

    assert ran(context, [replace(features, run=met_once)]) == ["build_features"]
    assert len(met) == 2

    def always() -> None:
        met.append(1)
        raise ConflictError("another run")

    met.clear()
    with pytest.raises(ConflictError):
        run_steps(
            with_setting(context, "als.rank=9"), [replace(features, run=always, settings=("als",))]
        )
    assert len(met) == 4  # night.conflict_attempts


def test_a_runaway_write_is_stopped_and_the_table_stays(context):
    play(context, 1, DAY - timedelta(days=3))
    run_steps(context, two_steps(context, rows=2))
    context.store.row_budget = 5
    play(context, 2, DAY - timedelta(days=2))
    with pytest.raises(RowBudgetError, match="histories"):
        run_steps(context, two_steps(context, rows=100))
    assert context.store.read("histories").count() == 2


def test_one_run_at_a_time_has_a_day(context):
    other = with_setting(context, "night.lease_minutes=0.0001")
    with lease(context, "refresh", DAY):
        with pytest.raises(BusyError, match=f"run {context.run_id} works on refresh"):
            lease(other, "refresh", DAY).__enter__()
        with lease(other, "refresh", DAY + timedelta(days=1)):
            pass  # another day is free
        with lease(other, "refresh", DAY, take_over=True):  # the operator knows better
            pass
    with lease(other, "refresh", DAY) as lost:  # given back
        lost.still_here()
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)  # whatever the clock does meanwhile
        end_lease(other.store, lost.claim, now=an_hour_ago)
        lost.expires_at = an_hour_ago
        with lease(context, "refresh", DAY), pytest.raises(BusyError):  # run out
            lost.still_here()


def owned_by(context, process, *, beat: datetime | None = None) -> None:
    """The day is leased by the run ghost, which that process runs and which beat last then."""
    now = datetime.now(UTC)
    claim = Claim("track", "refresh", DAY, "ghost", str(process))
    seen = read_lease(context.store, claim)
    take_lease(context.store, claim, now=now, until=now + timedelta(hours=6), seen=seen)
    if beat is not None:
        write_text(context.spark, f"{context.store.warehouse}/heartbeats/ghost", iso(beat))


def test_a_killed_run_does_not_keep_its_lease(context):
    sleeper = subprocess.Popen(["sleep", "600"])
    process = replace(this_process(), pid=sleeper.pid, started=_started(sleeper.pid))
    owned_by(context, process, beat=datetime.now(UTC))
    with pytest.raises(BusyError, match="run ghost works on refresh"):
        lease(context, "refresh", DAY).__enter__()
    sleeper.kill()
    sleeper.wait()
    with lease(context, "refresh", DAY):
        pass  # it is surely gone: passed on at once


def test_elsewhere_the_heartbeat_decides(context):
    elsewhere = replace(this_process(), place="another machine")
    owned_by(context, elsewhere, beat=datetime.now(UTC))
    with pytest.raises(BusyError, match="run ghost works on refresh"):
        lease(context, "refresh", DAY).__enter__()
    owned_by(context, elsewhere, beat=datetime.now(UTC) - timedelta(minutes=6))
    with lease(context, "refresh", DAY):
        pass


def test_a_process_number_that_was_given_again_is_another_process():
    mine = this_process()
    assert Process.parse(str(mine)) == mine
    assert not is_surely_dead(mine)
    assert is_surely_dead(replace(mine, started="1"))  # the same number, a later process
    assert not is_surely_dead(replace(mine, place="another machine", started="1"))


def test_slices_are_told_by_their_files():
    stats = '{"numRecords": 3, "minValues": {"played_at": "2024-05-01T00:00:00.000Z"}}'
    file = data_file("a", {"as_of": "2024-05-01 00:00:00", "user_bucket": "3"}, 10, stats)
    cases = [
        # slice, does it hold the file?
        (part("t"), True),
        (part("t", as_of=DAY), True),
        (part("t", as_of=DAY, user_bucket=3), True),
        (part("t", as_of=DAY + timedelta(hours=1)), False),
        (part("t", as_of=DAY, user_bucket=4), False),
        (Slice("t", before=DAY), False),  # its earliest play is at the instant
        (Slice("t", before=DAY + timedelta(seconds=1)), True),
        (Slice("t", up_to=DAY), True),
        (Slice("t", up_to=DAY - timedelta(seconds=1)), False),
    ]
    assert [one.holds(file) for one, _ in cases] == [held for _, held in cases]
    assert part("t", as_of=DAY).overlaps(part("t"))
    assert not part("t", as_of=DAY).overlaps(part("t", as_of=DAY + timedelta(days=1)))


def test_a_heartbeat_that_cannot_be_written_once_goes_on(context, monkeypatch):
    beats, real = [], heartbeat_module.write_text

    def fails_once(spark, path, text):
        beats.append(text)
        if len(beats) == 2:
            raise OSError("the disk was full for a moment")
        real(spark, path, text)

    monkeypatch.setattr(heartbeat_module, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(heartbeat_module, "write_text", fails_once)
    with lease(context, "refresh", DAY):
        deadline = time.monotonic() + 20
        while len(beats) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert len(beats) >= 4
