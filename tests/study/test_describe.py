import json
from datetime import UTC, date, datetime

import pytest

from intake.delivery_files import context_of
from plays.stored import received
from ritornello.errors import UsageError
from ritornello.study.describe import describe

PLAYS = "user_id int, track_id int, played_at timestamp, weight int, month date"
MAY = date(2024, 5, 1)


def at(day: int) -> datetime:
    return datetime(2024, 5, day, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory):
    context = context_of(spark, tmp_path_factory.mktemp("warehouse"))
    rows = [(1, 5, at(6), 1, MAY), (1, 5, at(7), 1, MAY), (2, 6, at(8), 1, MAY)]
    context.store.append("plays", received(spark.createDataFrame(rows, PLAYS)))
    return context


def test_describe_writes_figures_a_table_and_pictures_twice_the_same(context, tmp_path):
    told = describe(context, out=tmp_path / "one", name="a_b")
    describe(context, out=tmp_path / "two", name="a_b")
    assert told.startswith("described 3 plays of 2 listeners")
    written = json.loads((tmp_path / "one" / "statistics.json").read_text())
    assert written["statistics"]["pairs"] == 2
    assert written["pictures"]["long_tail"] == [[1, 2], [2, 1]]
    assert r"a\_b" in (tmp_path / "one" / "statistics.tex").read_text()
    one = {file.name: file.read_bytes() for file in (tmp_path / "one").iterdir()}
    assert len(one) == 2 + 2 * 4
    assert one == {file.name: file.read_bytes() for file in (tmp_path / "two").iterdir()}


def test_describe_sees_only_plays_before_the_instant(context):
    assert describe(context, as_of=at(7)).startswith("described 1 plays of 1 listeners")
    with pytest.raises(UsageError, match="no plays"):
        describe(context, as_of=at(6))
