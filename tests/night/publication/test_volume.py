"""A night is held against the plays of the same weekday, before any list is made."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from rich.console import Console

from plays.stored import received
from ritornello.errors import QualityGateError
from ritornello.job import Context
from ritornello.night.publication.volume import check_volume
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

NIGHT = datetime(2024, 5, 7, 3, tzinfo=UTC)
USUAL = 40
PLAYS = "user_id int, track_id int, played_at timestamp, weight int"


def context_of(spark, folder, by_days_ago: dict[int, int], *overrides: str) -> Context:
    """A warehouse with so many plays on the day that ended so many days before the night."""
    limits = ["volume.least_plays=20", "volume.low.warn=0.5", "volume.low.error=0.2"]
    settings = load_settings([], [f"warehouse={folder}", *limits, *overrides])
    context = Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))
    rows = [
        (1, n, NIGHT - timedelta(days=days, seconds=1 + 60 * n), 1)
        for days, number in by_days_ago.items()
        for n in range(number)
    ]
    skipped = [(1, n, NIGHT - timedelta(hours=2, seconds=n), -1) for n in range(USUAL)]
    after = [(1, n, NIGHT + timedelta(seconds=n), 1) for n in range(USUAL)]
    plays = received(spark.createDataFrame([*rows, *skipped, *after], PLAYS))
    context.store.append("plays", plays.withColumn("month", F.trunc(F.to_date("played_at"), "MM")))
    return context


def shares(context) -> list[float | None]:
    return [check.value for check in check_volume(context, NIGHT)]


OTHER_WEEKDAYS = {3: 500, 10: 500}
MONTH = {7: USUAL, 14: 2 * USUAL, 21: USUAL, 28: USUAL // 2, 40: 1, **OTHER_WEEKDAYS}


def test_a_usual_day_passes_and_leaves_no_check(spark, tmp_path):
    context = context_of(spark, tmp_path, {0: USUAL, **MONTH})
    assert shares(context) == [1.0, 1.0]
    assert not context.store.exists("checks")


def test_a_tenth_stops_the_night_with_its_figures(spark, tmp_path):
    context = context_of(spark, tmp_path, {0: 4, **MONTH})
    with pytest.raises(QualityGateError, match=r"has 4 plays; .* had 40, 80, 40, 20 in the weeks"):
        check_volume(context, NIGHT)
    rows = context.store.read("checks").orderBy("check").collect()
    assert [(row["check"], row["step"], row["outcome"]) for row in rows] == [
        ("volume_high", "volume", "ok"),
        ("volume_low", "volume", "error"),
    ]
    # the setting that the message names lets the night through
    assert shares(context_of(spark, tmp_path / "again", {0: 4, **MONTH}, "volume.low.error=null"))


def test_nothing_and_ten_times_as_much_are_seen(spark, tmp_path):
    with pytest.raises(QualityGateError, match="has 0 plays"):
        check_volume(context_of(spark, tmp_path / "none", MONTH), NIGHT)
    much = context_of(spark, tmp_path / "much", {0: 10 * USUAL, **MONTH})
    assert shares(much) == [10.0, 10.0]
    assert not much.store.read("checks").where("outcome = 'warn'").isEmpty()


@pytest.mark.parametrize(
    "short",
    [{7: USUAL, 13: 1}, {7: 5, 14: 5, 21: 5, 28: 5, 40: 1}],
    ids=["two weeks are not there yet", "too few plays to judge"],
)
def test_a_short_history_is_not_judged(spark, tmp_path, short):
    assert shares(context_of(spark, tmp_path, short)) == [None, None]
