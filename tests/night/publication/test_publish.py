"""Write, audit, publish on three listeners: what is served when all goes well, and when not."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from rich.console import Console

from night.zeros import LIMITS, NO_LIMITS, zeros
from ritornello import job
from ritornello.errors import AuditError, UsageError
from ritornello.job import Context
from ritornello.night.graph import run_step
from ritornello.night.lists.registry import ranker_mark, ranker_to_keep
from ritornello.night.publication.outcomes import shown_nights
from ritornello.night.publication.passed import taken_back
from ritornello.night.publication.publish import night_to_serve_again, rollback
from ritornello.night.publication.served import Served, lists_of, served_night
from ritornello.night.steps import publish_step
from ritornello.ranking.columns import FEATURES
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

MONDAY = datetime(2024, 5, 6, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
LENGTH = 4


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory) -> Context:
    warehouse = tmp_path_factory.mktemp("warehouse")
    settings = load_settings([], [f"warehouse={warehouse}", f"recommend.length={LENGTH}"])
    return Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))


def stage_features(context):
    """Two nights' features: every listener played items 0 to 8, the last one five hours before."""
    spark, store = context.spark, context.store
    nights = [(day, day - timedelta(hours=5)) for day in (MONDAY, TUESDAY)]
    listeners, items = range(3), range(9)
    tables = {
        "user_profile": [(day, u, t) for day, t in nights for u in listeners],
        "item_stats": [(day, i, t) for day, t in nights for i in items],
        "pair_history": [(day, u, i, t) for day, t in nights for u in listeners for i in items],
    }
    named = {
        "as_of": "timestamp",
        "user_id": "int",
        "item_id": "int",
        "last_played_at": "timestamp",
    }
    without = {"user_profile": "item_id", "item_stats": "user_id"}
    for table, rows in tables.items():
        known = {name: type_ for name, type_ in named.items() if name != without.get(table)}
        store.replace(table, zeros(spark, store, table, rows, **known))
    for table, key in (("plays", "user_id"), ("artists", "artist_id")):
        store.replace(table, zeros(spark, store, table, [(0,)], **{key: "int"}))
    tracks = zeros(spark, store, "tracks", [(0, *NO_LIMITS)], track_id="int", **LIMITS)
    store.replace("tracks", tracks)
    model = [("ranker", MONDAY, MONDAY, {"ndcg@40": 0.5})]
    known = {"model": "string", "as_of": "timestamp", "trained_as_of": "timestamp"}
    store.append(
        "models", zeros(spark, store, "models", model, **known, metrics="map<string,double>")
    )


def stage(context, as_of, *, listeners=3, first_item=0):
    """Lists of a night: four of the played items each, best first."""
    newest = as_of - timedelta(hours=5)
    places = [
        (
            u,
            str(u),
            "mixed",
            r + 1,
            first_item + r,
            str(first_item + r),
            1.0 - r / 10,
            "own_history",
            newest,
            None,
        )
        for u in range(listeners)
        for r in range(LENGTH)
    ]
    lists = context.spark.createDataFrame(
        places,
        "user_id int, source_user_id string, list string, rank int, track_id int, "
        "source_track_id string, score double, source string, last_played_at timestamp, "
        "propensity double",
    )
    context.store.replace("recommendations", lists, as_of=as_of)


def publish(context, as_of) -> str:
    return run_step(context, publish_step(context, as_of, shadow=None))


def content(rows) -> int:
    return rows.agg(F.sum(F.xxhash64(*sorted(rows.columns)).cast("decimal(38,0)"))).first()[0]


def test_lists_are_served_when_they_pass_and_taken_back(context, monkeypatch):
    store = context.store
    with pytest.raises(UsageError, match="nothing was ever published"):
        rollback(context)
    stage_features(context)
    stage(context, MONDAY)
    assert publish(context, MONDAY) == "lists as of 2024-05-06T00:00:00Z of 3 listeners are served"
    monday = served_night(store)
    kept = content(lists_of(store, MONDAY, version=monday.version))

    # Tuesday lacks a listener: what was served stays, the reason is told and written down
    stage(context, TUESDAY, listeners=2)
    with pytest.raises(AuditError, match=r"2024-05-06T00:00:00Z stay: coverage is 0.6667"):
        publish(context, TUESDAY)
    assert served_night(store) == monday
    checks = store.read("checks").where(F.col("as_of") == F.lit(TUESDAY))
    told = {row.check: (row.value, row.outcome) for row in checks.collect()}
    assert told["coverage"] == (pytest.approx(2 / 3), "error")
    assert told["stability"] == (1.0, "ok")
    assert told["repeat_shift"] == (0.0, "ok")
    assert told["age_days"] == (pytest.approx(5 / 24), "ok")
    assert told["offline_drop"] == (None, "none")
    assert store.read("runs").where("outcome = 'AuditError'").count() == 1

    # a crash between the write of the lists and the pointer leaves Monday served
    stage(context, TUESDAY, first_item=1)
    with monkeypatch.context() as crashing:
        crashing.setattr(Context, "append_rows", _crash_at("published", Context.append_rows))
        with pytest.raises(ZeroDivisionError):
            publish(context, TUESDAY)
    assert served_night(store) == monday
    publish(context, TUESDAY)
    assert (served_night(store).as_of, served_night(store).sequence) == (TUESDAY, 2)

    # Monday's lists are overwritten, and an older night moves nothing by itself
    stage(context, MONDAY, first_item=3)
    assert "newer ones as of 2024-05-07" in publish(context, MONDAY)
    sentence = rollback(context)
    assert sentence == (
        "lists as of 2024-05-07T00:00:00Z are taken back: "
        "those as of 2024-05-06T00:00:00Z are served again"
    )
    back = served_night(store)
    assert (back.as_of, back.version, back.action) == (MONDAY, monday.version, "rollback")
    assert content(lists_of(store, back.as_of, version=back.version)) == kept
    assert rollback(context).startswith(  # a scheduler's second try takes nothing more back
        "nothing to do: lists as of 2024-05-07T00:00:00Z are taken back already"
    )
    assert served_night(store) == back
    assert rollback(context, MONDAY).startswith("nothing to do: ")
    with pytest.raises(UsageError, match="no night as of 2024-05-01"):
        rollback(context, MONDAY - timedelta(days=5))


def _crash_at(table, append):
    def crash(self, name, rows, **more):
        if name == table:
            raise ZeroDivisionError
        append(self, name, rows, **more)

    return crash


def test_a_ranker_serves_for_some_days_if_it_is_of_these_settings(context):
    spark, store = context.spark, context.store
    mine = ranker_mark(context.settings)
    trained = MONDAY - timedelta(days=20)
    for days, mark, features in (
        (0, mine, FEATURES),
        (5, "other", FEATURES),  # of other settings
        (8, mine, ("plays",)),  # of older code
    ):
        at = trained + timedelta(days=days)
        row = [("ranker", f"{days}-{mark}", at, at, list(features))]
        known = {"model": "string", "version": "string", "as_of": "timestamp"}
        known |= {"trained_as_of": "timestamp", "features": "array<string>"}
        store.append("models", zeros(spark, store, "models", row, **known))
    cases = [
        # days after the first, which ranker is kept
        (-1, None),  # none was trained yet
        (0, None),  # its own night: its steps are in the graph
        (1, f"0-{mine}"),
        (6, f"0-{mine}"),  # the other one is newer, but not ours
        (7, None),  # night.ranker_every_days
        (9, None),  # knows other features
    ]
    nights = [trained + timedelta(days=days) for days in range(12)]

    def kept(days, passed):
        now = trained + timedelta(days=days)
        return ranker_to_keep(context, now, [night for night in passed if night < now])

    assert [kept(days, nights) for days, _ in cases] == [version for _, version in cases]
    assert kept(1, []) is None  # the night that trained it was refused, or taken back


def change(sequence, day, action="publish", *, version=None):
    """One change of the night that is served; the lists of a day have the version 10 + day."""
    return Served(sequence, MONDAY + timedelta(days=day), version or 10 + day, 3, action, "r")


def test_a_rollback_takes_back_the_last_night_once():
    three = [change(3, 2), change(2, 1), change(1, 0)]
    assert night_to_serve_again(three, None).sequence == 2
    once = [change(4, 1, "rollback"), *three]
    assert night_to_serve_again(once, None) is None  # it is taken back already
    assert night_to_serve_again(once, MONDAY).sequence == 1
    assert night_to_serve_again(once, MONDAY + timedelta(days=2)).sequence == 3  # forward again
    anew = [change(5, 3), *once]  # the night after; day 2 was taken back and stays so
    assert night_to_serve_again(anew, None).sequence == 2
    mended = [change(6, 3, version=99), *anew]  # the same night, published again
    assert night_to_serve_again(mended, None).sequence == 5
    with pytest.raises(UsageError, match="no night was published before 2024-05-06"):
        night_to_serve_again([change(1, 0)], None)


def test_what_a_rollback_takes_back():
    def days(*changes):
        return sorted(night.day - MONDAY.day for night, _ in taken_back(changes))

    three = [change(1, 0), change(2, 1), change(3, 2)]
    assert days(*three) == []
    assert days(*three, change(4, 1, "rollback")) == [2]
    assert days(*three, change(4, 0, "rollback")) == [1, 2]  # all that came after
    assert days(*three, change(4, 0, "rollback"), change(5, 2, "rollback")) == [1]
    assert days(*three, change(4, 1, "rollback"), change(5, 2)) == []  # published again
    mended = [*three, change(4, 2, version=99), change(5, 2, "rollback")]
    assert taken_back(mended) == {(MONDAY + timedelta(days=2), 99)}


def test_a_failed_job_tells_the_hook_once_and_the_hook_cannot_fail_it(
    tmp_path, monkeypatch, capsys
):
    told = tmp_path / "told"
    monkeypatch.setenv("RITORNELLO_ALERT_COMMAND", f"cat >> {told}; echo >> {told}")
    monkeypatch.setattr(job, "build_session", lambda *_, **__: _refuse())
    metrics = tmp_path / "node" / "ritornello.prom"
    settings = load_settings(
        [], [f"warehouse={tmp_path}", "operations.log=json", f"operations.metrics_file={metrics}"]
    )
    assert job.run("publish", settings, lambda _: "fine") == 4
    (line,) = told.read_text().strip().splitlines()
    alert = json.loads(line)
    assert (alert["job"], alert["exit_code"]) == ("publish", 4)
    assert alert["sentence"] == "error: lists failed the audit"
    assert 'ritornello_exit_code{job="publish"} 4' in metrics.read_text()
    events = [json.loads(x) for x in capsys.readouterr().err.splitlines() if x.startswith("{")]
    assert [event["event"] for event in events] == ["end"]
    assert events[0]["run_id"] == alert["run_id"]

    monkeypatch.setenv("RITORNELLO_ALERT_COMMAND", "exit 3")
    monkeypatch.setenv("RITORNELLO_ALERT_WEBHOOK", "http://127.0.0.1:9/nobody")
    assert job.run("publish", settings, lambda _: "fine") == 4
    assert capsys.readouterr().err.count("metrics or alert could not be delivered") == 2


def _refuse():
    raise AuditError("lists failed the audit")


def test_a_night_that_was_taken_back_was_not_shown():
    newest_first = [change(4, 2), change(3, 0, "rollback"), change(2, 1), change(1, 0)]
    assert shown_nights(newest_first) == [MONDAY, MONDAY + timedelta(days=2)]
