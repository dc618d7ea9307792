"""Damaged files of `recommendations` and of its log, read without Spark."""

from datetime import UTC, datetime

import pytest

from damages import DAMAGES, commits, cut_in_half, file_of, remove, write_lists
from ritornello.errors import DamagedError, UsageError
from ritornello.listener.reader import Reader
from ritornello.tables.store import Store

MONDAY, TUESDAY = (datetime(2025, 1, day, tzinfo=UTC) for day in (6, 7))
MEND = (
    "run `ritornello generate-candidates --as-of 2025-01-06T00:00:00Z`, then "
    "`ritornello recommend --as-of 2025-01-06T00:00:00Z`, and if that night is served, "
    "`ritornello publish --as-of 2025-01-06T00:00:00Z`; "
    "or put the file back from a copy of the warehouse"
)


@pytest.fixture
def warehouse(spark, tmp_path):
    write_lists(Store(spark, str(tmp_path)), MONDAY, TUESDAY)
    return tmp_path


def scores(warehouse, night, user=3):
    rows = Reader(str(warehouse)).read("recommendations", ("score",), as_of=night, user_id=user)
    return rows["score"].tolist()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_with_the_command_that_mends_it(warehouse, damage):
    make, what = DAMAGES[damage]
    file = file_of(warehouse / "track" / "recommendations", "2025-01-06")
    make(file)
    with pytest.raises(DamagedError) as raised:
        scores(warehouse, MONDAY)
    assert str(raised.value) == f"{file.relative_to(warehouse)} {what}: {MEND}"
    assert raised.value.exit_code == 7
    assert scores(warehouse, TUESDAY) == [3 / 7]  # other files are not read


def test_a_file_that_cannot_hold_the_key_is_not_read(warehouse):
    """The log's minima and maxima exclude it: so its damage does not show."""
    remove(file_of(warehouse / "track" / "recommendations", "2025-01-06"))
    assert scores(warehouse, MONDAY, user=300) == []


@pytest.mark.parametrize("damage", [cut_in_half, remove])
def test_a_torn_log_is_damage_and_no_wrong_argument(warehouse, damage):
    table = warehouse / "track" / "recommendations"
    commit = commits(table)[-1 if damage is cut_in_half else -2]
    damage(commit)
    what = "damaged" if damage is cut_in_half else "missing"
    named = f"^track/recommendations/_delta_log/{commit.name} is {what}: put the file back"
    with pytest.raises(DamagedError, match=named):
        scores(warehouse, MONDAY)


def test_a_damaged_checkpoint_is_damage(spark, warehouse):
    for _ in range(10):
        write_lists(Store(spark, str(warehouse)), TUESDAY, listeners=1)
    (checkpoint,) = (warehouse / "track/recommendations/_delta_log").glob("*.checkpoint.parquet")
    cut_in_half(checkpoint)
    with pytest.raises(DamagedError, match="_delta_log is damaged: put"):
        scores(warehouse, MONDAY)


def test_a_version_that_is_gone_is_no_damage(warehouse):
    with pytest.raises(UsageError, match="recommendations cannot be read"):
        Reader(str(warehouse)).read("recommendations", ("rank",), version=99)


def test_keys_limits_and_partitions_are_read_as_before(warehouse):
    tables = Reader(str(warehouse))
    rows = tables.read("recommendations", ("as_of", "user_id"), user_id=[5, 2**40, 4], as_of=MONDAY)
    assert sorted(rows["user_id"]) == [4, 5]
    assert set(rows["as_of"]) == {MONDAY}
    assert str(rows["user_id"].dtype) == "Int64"
    assert len(tables.read("recommendations", ("as_of",))) == 600  # no column of the file itself
    least = tables.read("recommendations", ("score", "user_id"), limit=3, as_of=TUESDAY)
    assert least["user_id"].tolist() == [0, 1, 2]
    assert tables.read("recommendations", ("score",), user_id=[]).empty
    assert len(tables.read("recommendations", ("rank",), list=["mixed", "new"], user_id=1)) == 2
    nobody = tables.read("recommendations", ("last_played_at", "rank"), user_id=-1)
    assert nobody.empty
    assert str(nobody["last_played_at"].dtype) == "datetime64[us, UTC]"
