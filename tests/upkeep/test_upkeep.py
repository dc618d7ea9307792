"""maintain, migrate and the quarantine, on tables of a few rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from rich.console import Console

from night.zeros import zeros
from ritornello.errors import ContractError, UsageError
from ritornello.intake.quarantine import list_rejected, purge_rejected
from ritornello.job import Context
from ritornello.settings.loading import load_settings
from ritornello.tables import migrations
from ritornello.tables.contracts import CANDIDATE_SOURCES, Contract
from ritornello.tables.contracts.contract import AS_OF, Column
from ritornello.tables.creation import create_table
from ritornello.tables.slices import DataFile, part
from ritornello.tables.store import Store
from ritornello.tables.upkeep import MIB, shape, slices_of
from ritornello.upkeep.maintain import maintain
from ritornello.upkeep.migrate import migrate_warehouse

DAY = datetime(2024, 5, 1, tzinfo=UTC)
FACTORS = "user_id int, factors array<float>"


@pytest.fixture
def context(spark, tmp_path) -> Context:
    keep = "maintain.keep_days={als_user_factors: 30}"
    settings = load_settings([], [f"warehouse={tmp_path}", keep])
    return Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))


def test_a_partition_is_crowded_by_the_size_of_its_files():
    contract = Contract("t", "", (Column("day", "date", ""),), partitions=("day",))

    def lying(**days):
        return [
            DataFile(f"{day}{n}", {"day": day}, 1, size * MIB, {})
            for day, sizes in days.items()
            for n, size in enumerate(sizes)
        ]

    files = lying(
        one=[1],  # a single file is never too many
        two=[1, 1],  # 2 MiB of 128 in two files
        full=[100] * 4,  # 400 MiB: up to 6 files
        small=[50] * 8,  # 400 MiB: 8 are too many
    )
    found = shape("t", files, contract, factor=2.0)
    assert found.files == 15
    assert {dict(partition)["day"] for partition in found.crowded} == {"two", "small"}


def test_maintain_tells_first_and_then_drops_and_joins(context):
    spark, store = context.spark, context.store
    for days, users in ((0, 4), (10, 1), (45, 4)):
        rows = spark.createDataFrame([(u, [1.0]) for u in range(users)], FACTORS).repartition(users)
        store.replace("als_user_factors", rows, as_of=DAY - timedelta(days=days))
    version = store.version("als_user_factors")
    told = maintain(context, apply=False)
    assert told.startswith(
        "2 partitions with small files, 1 old slices, 0 files nobody needs; noth"
    )
    assert store.version("als_user_factors") == version
    assert not store.exists("runs")

    maintain(context, apply=True)
    assert slices_of(store, "als_user_factors") == [DAY - timedelta(days=10), DAY]
    assert len(store.files(part("als_user_factors", as_of=DAY))) == 1
    assert store.read("als_user_factors", as_of=DAY).count() == 4

    for _ in range(2):
        with context.step("look"):
            store.read("als_user_factors")
    maintain(context, apply=True)  # the run log, to which it adds itself, is joined after that
    assert store.read("runs").where("step = 'maintain'").count() == 1
    assert maintain(context, apply=False).startswith("0 partitions with small files, 0 old slices")


def test_a_wrong_table_and_a_short_vacuum_are_refused(context):
    with pytest.raises(UsageError, match=r"maintain\.vacuum_hours"):
        load_settings([], ["maintain.vacuum_hours=24.0"])
    rows = context.spark.createDataFrame([(1, [1.0])], FACTORS)
    context.store.replace("als_user_factors", rows, as_of=DAY)
    wrong = load_settings([], [f"warehouse={context.store.warehouse}", "maintain.keep_days={x: 1}"])
    with pytest.raises(UsageError, match="tables that do not exist: x"):
        maintain(Context(context.spark, context.store, wrong, context.console), apply=False)


def test_candidates_of_one_row_each_become_a_row_per_listener(context):
    columns = ["as_of timestamp", "user_id int", "item_id int", "is_repeat boolean"]
    for source in CANDIDATE_SOURCES:
        columns += [f"{source}_score double", f"{source}_rank int"]
    nothing = [None, None]
    stored = [
        (DAY, 1, 12, False, *nothing, 0.5, 1, *nothing, *nothing),
        (DAY, 1, 10, True, 2.0, 1, *nothing, *nothing, *nothing),
        (DAY, 2, 10, True, 3.0, 1, *nothing, *nothing, *nothing),
    ]
    old = context.spark.createDataFrame(stored, ", ".join(columns))
    old.write.format("delta").partitionBy("as_of").save(context.store.path("candidates"))
    with pytest.raises(UsageError, match=r"contract 1 to 2.*run `ritornello migrate`"):
        context.store.read("candidates")
    migrate_warehouse(context)
    rows = {row.user_id: row for row in context.store.read("candidates", as_of=DAY).collect()}
    assert {user: row.item_ids for user, row in rows.items()} == {1: [10, 12], 2: [10]}
    assert (rows[1].own_history_ranks, rows[1].own_history_scores) == ([1, None], [2.0, None])
    assert (rows[1].als_ranks, rows[1].als_scores) == ([None, 1], [None, 0.5])
    assert rows[2].popular_ranks == [None]


def test_an_older_warehouse_is_brought_up_to_date_or_refused(context, monkeypatch):
    spark, path = context.spark, context.store.path("users")
    old = spark.createDataFrame([(1, 11)], "user_id int, source_user_id bigint")
    old.write.format("delta").save(path)
    with pytest.raises(
        UsageError,
        match=r"users .* \(contract 1 to 2; new column user_name\): run `ritornello migrate`",
    ):
        context.store.read("users")
    named = old.selectExpr("user_id", "'11' AS source_user_id", "cast(null as string) AS user_name")
    with pytest.raises(UsageError, match="users"):  # nor written to
        context.store.append("users", named)
    assert migrate_warehouse(context, dry_run=True) == "1 of 1 tables would be brought up to date"
    assert migrate_warehouse(context) == "1 of 1 tables were brought up to date"
    assert migrate_warehouse(context) == "nothing to do: all 1 tables are up to date"
    assert [tuple(row) for row in context.store.read("users").collect()] == [(1, "11", None)]

    # the meaning changes: keys of the source are doubled from contract 3 on
    contract = context.store.contracts["users"]
    newer = Contract(contract.name, contract.row, contract.columns, contract.key, version=3)
    with pytest.raises(UsageError, match="cannot be brought up to date: keep it"):
        migrations.needed(spark, path, newer)
    double = "UPDATE {table} SET source_user_id = source_user_id || source_user_id"
    monkeypatch.setitem(migrations.MIGRATIONS, ("users", 2), (double,))
    assert migrations.needed(spark, path, newer) == ["contract 2 to 3"]
    migrations.migrate(spark, path, newer, read=context.store.read)
    assert migrations.needed(spark, path, newer) == []
    fresh = Store(spark, context.store.warehouse)
    with pytest.raises(UsageError, match="written by a newer version of Ritornello"):
        fresh.read("users")
    assert spark.read.format("delta").load(path).first().source_user_id == "1111"


def test_lists_of_an_older_version_may_hold_explored_ones_once_migrated(spark, tmp_path):
    store = Store(spark, str(tmp_path))
    now = store.contracts["recommendations"]
    known = {"known_list": "list IN ('mixed', 'repeats', 'new')"}
    then = replace(now, columns=now.columns[:-1], constraints=known, version=1)
    path, columns = store.path(now.name), {c.name: c.type for c in now.columns}

    def place(list_):
        told = {"as_of": DAY, "user_id": 1, "list": list_, "rank": 1}
        types = {name: columns[name] for name in told}
        return zeros(spark, store, now.name, [tuple(told.values())], **types)

    of_users = spark.createDataFrame(
        [(1, "ann", "ann")], "user_id int, source_user_id string, user_name string"
    )
    of_tracks = zeros(
        spark, store, "tracks", [(1, "one")], track_id="int", source_track_id="string"
    )
    store.replace("users", of_users)
    store.replace("tracks", of_tracks)
    old = place("mixed").drop("propensity").withColumn("source_user_id", F.lit(7).cast("bigint"))
    create_table(spark, path, then, old)
    old.write.format("delta").mode("append").save(path)
    with pytest.raises(
        UsageError, match=r"\(contract 1 to 2; contract 2 to 3; new column propensity\)"
    ):
        store.append(now.name, place("explored"))
    migrations.migrate(spark, path, now, read=store.read)
    mixed = store.read(now.name).first()
    assert (mixed.source_user_id, mixed.source_track_id) == ("ann", "one")
    store.append(now.name, place("explored"))
    with pytest.raises(ContractError, match="known_list"):
        store.append(now.name, place("exploded"))
    assert {row.list for row in store.read(now.name).collect()} == {"mixed", "explored"}
    served_before = store.read_version(now.name, 1)  # as the pointer of an older night names it
    rows = [(row.list, row.propensity, row.source_user_id) for row in served_before.collect()]
    assert rows == [("mixed", None, "7")]


def test_sums_of_an_older_version_are_summed_up_again_once_migrated(spark, tmp_path):
    store = Store(spark, str(tmp_path))
    now = store.contracts["transition_sums"]
    path = store.path(now.name)
    old = zeros(spark, store, now.name, [(DAY, 1, 2, 1.0)], as_of="timestamp", item_id="int",
                next_item_id="int", weight="double")  # fmt: skip
    create_table(spark, path, replace(now, version=1), old)
    old.write.format("delta").mode("append").save(path)
    with pytest.raises(UsageError, match=r"\(contract 1 to 2\)"):
        store.read(now.name)
    migrations.migrate(spark, path, now, read=store.read)
    assert not store.has(now.name, as_of=DAY)


def test_recordings_by_night_are_forgotten_and_united_again_once_migrated(spark, tmp_path):
    store = Store(spark, str(tmp_path))
    now = store.contracts["recordings"]
    by_night = (AS_OF, *now.columns[:2])
    old = replace(now, version=1, columns=by_night, partitions=("as_of",), constraints={})
    schema = "as_of timestamp, track_id int, recording_id int"
    rows = spark.createDataFrame([(DAY, 1, 1), (DAY, 2, 1)], schema)
    create_table(spark, store.path(now.name), old, rows)
    rows.write.format("delta").mode("append").save(store.path(now.name))
    with pytest.raises(UsageError, match=r"\(contract 1 to 2\)"):
        store.read(now.name)
    migrations.migrate(spark, store.path(now.name), now, read=store.read)
    assert store.read(now.name).columns == ["track_id", "recording_id", "rule"]
    assert store.read(now.name).isEmpty()
    united = spark.createDataFrame([(2, 1, "title")], "track_id int, recording_id int, rule string")
    store.replace(now.name, united)
    assert store.read(now.name).count() == 1


def test_the_quarantine_is_told_and_emptied(context):
    assert list_rejected(context) == "no play was ever rejected"
    columns = [c.name for c in context.store.contracts["rejected_plays"].columns]
    rows = [
        ("d1", "f", "1", None, "2", 1, 2, "t", 1, "unknown track"),
        ("d1", "f", "1", None, "2", 1, 2, "t", 1, "bad time"),
        ("d2", "f", "1", None, "2", 1, 2, "t", 1, "bad time"),
    ]
    numbers = ("weight", "character_index", "track_index")
    schema = ", ".join(f"{name} {'bigint' if name in numbers else 'string'}" for name in columns)
    context.store.append("rejected_plays", context.spark.createDataFrame(rows, schema))
    assert list_rejected(context) == "3 rejected plays"
    with pytest.raises(UsageError, match="choose what to purge"):
        purge_rejected(context, delivery=None, reason=None, everything=False)
    told = purge_rejected(context, delivery="d1", reason="bad time", everything=False)
    assert told.startswith("1 rejected plays are gone")
    left = {(row.delivery_id, row.reason) for row in context.store.read("rejected_plays").collect()}
    assert left == {("d1", "unknown track"), ("d2", "bad time")}
