from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from plays.stored import received
from ritornello.errors import ContractError, UsageError
from ritornello.tables import small
from ritornello.tables.reports import read_report, write_report
from ritornello.tables.store import Store

MORNING = datetime(2024, 5, 1, 6, tzinfo=UTC)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(spark, tmp_path_factory) -> Store:
    return Store(spark, str(tmp_path_factory.mktemp("warehouse")))


def stats(spark, *rows):
    return spark.createDataFrame(
        rows, "user_id int, item_ids array<int>, played_at array<timestamp>"
    )


def test_a_slice_is_replaced_and_the_others_stay(spark, store):
    store.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=MORNING)
    store.replace("histories", stats(spark, (1, [5], [MORNING]), (2, [], [])), as_of=NOON)
    written = store.replace("histories", stats(spark, (3, [6], [MORNING])), as_of=NOON)

    assert written.rows == 1
    assert [r.user_id for r in store.read("histories", as_of=MORNING).collect()] == [1]
    assert [r.user_id for r in store.read("histories", as_of=NOON).collect()] == [3]


def test_a_write_to_local_files_starts_no_other_process(spark, store):
    """Page faults of a process's ended children count its chmod and readlink."""
    process = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()

    def faults_of_children() -> str:
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2]
        return after_name.split()[8]

    before = faults_of_children()
    store.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=MORNING)
    assert store.read("histories", as_of=MORNING).count() == 1
    assert faults_of_children() == before


def jobs_of(spark, action) -> int:
    """Count the Spark jobs that an action starts."""
    context, name = spark.sparkContext, str(action)
    context.setJobGroup(name, name)
    try:
        action()
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
    return len(context.statusTracker().getJobIdsForGroup(name))


def test_a_small_table_is_read_without_a_job_for_its_list_of_files(spark, store, monkeypatch):
    store.replace("histories", stats(spark, (1, [5], [MORNING]), (2, [], [])), as_of=MORNING)
    other = Store(spark, store.warehouse)

    def rows():
        return sorted(row.user_id for row in other.read("histories", as_of=MORNING).collect())

    assert jobs_of(spark, lambda: rows() == [1, 2] or pytest.fail("other rows")) == 1
    with monkeypatch.context() as patch:
        patch.setattr(small, "LARGEST", 0)  # as if the table were large
        other = Store(spark, store.warehouse)
        assert rows() == [1, 2]
        assert jobs_of(spark, rows) > 1


def test_two_reads_of_a_small_table_can_be_joined(spark, store):
    store.replace("histories", stats(spark, (1, [5], [MORNING]), (2, [], [])), as_of=MORNING)
    store.replace("histories", stats(spark, (2, [6], [NOON])), as_of=NOON)
    first, second = (store.read("histories", as_of=day) for day in (MORNING, NOON))
    both = first.join(second, first.user_id == second.user_id).select(first.item_ids, second.as_of)
    assert [tuple(row) for row in both.collect()] == [([], NOON.replace(tzinfo=None))]


def test_rows_of_an_older_version_and_of_another_session_s_commit_are_read(spark, tmp_path):
    mine, other = (Store(spark, str(tmp_path)) for _ in range(2))
    mine.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=MORNING)
    before = mine.version("histories")
    assert mine.read("histories").count() == 1
    other.replace("histories", stats(spark, (3, [6], [NOON]), (4, [], [])), as_of=NOON)
    assert mine.read("histories").count() == 3
    assert mine.read_version("histories", before).count() == 1


def test_an_empty_result_empties_the_slice(spark, store):
    day = datetime(2024, 6, 1, tzinfo=UTC)
    store.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=day)
    store.replace("histories", stats(spark), as_of=day)
    assert not store.has("histories", as_of=day)


def test_whether_a_slice_has_rows_is_read_from_the_log(spark, store):
    day = datetime(2024, 6, 2, tzinfo=UTC)
    assert not store.has("histories", as_of=day)
    store.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=day)
    assert jobs_of(spark, lambda: store.has("histories", as_of=day) or pytest.fail("no row")) == 0
    assert store.has("histories", user_id=1)  # no partition, so rows are looked at
    assert not store.has("histories", user_id=99)


def test_every_difference_to_the_contract_is_named_in_one_error(spark, store):
    wrong = stats(spark, (1, [5], [MORNING])).select(
        F.col("user_id").cast("long"), "item_ids", F.lit(1).alias("extra")
    )
    with pytest.raises(ContractError) as raised:
        store.replace("histories", wrong, as_of=NOON)
    told = str(raised.value)
    assert "missing played_at array<timestamp>" in told
    assert "unexpected extra int" in told
    assert "user_id is bigint, expected int" in told


def test_a_repeated_key_is_refused_and_the_table_stays(spark, store):
    day = datetime(2024, 7, 1, tzinfo=UTC)
    store.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=day)
    with pytest.raises(ContractError, match="1 keys"):
        store.replace("histories", stats(spark, (2, [], []), (2, [1], [NOON])), as_of=day)
    assert [r.user_id for r in store.read("histories", as_of=day).collect()] == [1]


def test_delta_itself_refuses_nulls_and_broken_constraints(spark, store):
    bad = received(
        spark.createDataFrame(
            [(1, 1, NOON, 0, NOON.date())],
            "user_id int, track_id int, played_at timestamp, weight int, month date",
        )
    )
    violated = r"^table plays: a row violates the contract \(weight_not_zero\)$"
    with pytest.raises(ContractError, match=violated):
        store.append("plays", bad)
    with pytest.raises(
        ContractError, match=r"^table plays: a row violates the contract \(user_id\)$"
    ):
        store.append(
            "plays", bad.withColumns({"weight": F.lit(1), "user_id": F.lit(None).cast("int")})
        )


def test_comments_stand_in_deltas_own_metadata(spark, store):
    store.replace("histories", stats(spark, (1, [5], [MORNING])), as_of=MORNING)
    described = spark.sql(f"DESCRIBE TABLE delta.`{store.path('histories')}`").collect()
    comments = {row.col_name: row.comment for row in described}
    assert comments["item_ids"] == "items played, newest first"


def test_appending_a_key_that_is_there_is_refused(spark, store):
    rows = spark.createDataFrame(
        [(1, "11", None)], "user_id int, source_user_id string, user_name string"
    )
    store.append("users", rows)
    with pytest.raises(ContractError, match="already stored"):
        store.append("users", rows)


def test_an_absent_table_says_what_to_do(spark, tmp_path):
    with pytest.raises(UsageError, match="run `ritornello import-plays`, which writes it"):
        Store(spark, str(tmp_path)).read("plays")


def test_a_report_is_read_back_from_a_folder_of_any_name(spark, tmp_path):
    store = Store(spark, str(tmp_path / "plays {a,b} [1]*"))
    write_report(store, MORNING, "coverage.json", '{"matched": 0.5}\n')
    assert read_report(store, MORNING, "coverage.json") == '{"matched": 0.5}\n'
    with pytest.raises(UsageError, match=r"other\.json does not exist"):
        read_report(store, MORNING, "other.json")
