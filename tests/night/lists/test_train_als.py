"""Nights between two fits: the factors of the last one serve, and who came since is folded in."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from rich.console import Console

from night.zeros import zeros
from ritornello.job import Context
from ritornello.night.graph import run_steps
from ritornello.night.paths import factors_step, factors_to_keep
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

MONDAY = datetime(2024, 5, 6, tzinfo=UTC)
LISTENERS = 6


def on(day: int) -> datetime:
    return MONDAY + timedelta(days=day)


def in_warehouse(spark, warehouse, *overrides: str) -> Context:
    settings = load_settings([], [f"warehouse={warehouse}", "als.rank=3", *overrides])
    return Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))


def stage(context, day: int, *, listeners: int) -> None:
    """Every listener played three of eight items by then."""
    pairs = [(on(day), u, (u + n) % 8, 1 + n) for u in range(listeners) for n in range(3)]
    known = {"as_of": "timestamp", "user_id": "int", "item_id": "int", "plays": "long"}
    rows = zeros(context.spark, context.store, "pair_history", pairs, **known)
    context.store.replace("pair_history", rows, as_of=on(day))
    users = [(on(day), u) for u in range(listeners)]
    known = {"as_of": "timestamp", "user_id": "int"}
    rows = zeros(context.spark, context.store, "user_profile", users, **known)
    context.store.replace("user_profile", rows, as_of=on(day))


def step_of(context, day: int, *, nights=(0, 1, 2)):
    """The step for a day's factors; all earlier nights passed their audit."""
    passed = [on(night) for night in nights if night < day]
    return factors_step(context, on(day), factors_to_keep(context, on(day), passed))


def factors(context, day: int) -> tuple[dict, dict, datetime]:
    users = context.store.read("als_user_factors", as_of=on(day)).collect()
    items = context.store.read("als_item_factors", as_of=on(day)).collect()
    (trained,) = {row.trained_as_of for row in items}
    return (
        {row.user_id: row.factors for row in users},
        {row.item_id: row.factors for row in items},
        trained.astimezone(UTC),
    )


@pytest.fixture(scope="module")
def week(spark, tmp_path_factory) -> Context:
    """A fit on Monday, two new listeners on Tuesday, one more on Wednesday."""
    context = in_warehouse(spark, tmp_path_factory.mktemp("warehouse"))
    for day, more in ((0, 0), (1, 2), (2, 3), (7, 3)):
        stage(context, day, listeners=LISTENERS + more)
        run_steps(context, [step_of(context, day)])
    return context


def test_between_two_fits_the_last_one_serves_and_new_listeners_are_folded_in(week):
    users, items, _ = factors(week, 0)
    assert set(users) == set(range(LISTENERS))
    for day, more in ((1, 2), (2, 3)):
        theirs, same, trained = factors(week, day)
        assert trained == MONDAY
        assert same == items
        assert set(theirs) == set(range(LISTENERS + more))
        assert {user: theirs[user] for user in users} == users


def test_a_fit_serves_no_longer_than_it_may(week):
    _, items, trained = factors(week, 7)
    assert trained == on(7)
    assert items != factors(week, 0)[1]


def test_the_same_day_again_is_up_to_date(week):
    again = [run_steps(week, [step_of(week, day)]).skipped for day in (0, 1, 2, 7)]
    assert [len(skipped) for skipped in again] == [1, 1, 1, 1]


def test_factors_of_other_settings_do_not_serve(spark, week):
    other = in_warehouse(spark, week.store.warehouse, "als.alpha=3")
    mine, theirs = (set(step_of(c, 1).reads) for c in (week, other))
    assert {part.table for part in mine} >= {"als_item_factors", "als_user_factors"}
    assert {part.table for part in theirs} == {"pair_history"}


def test_factors_written_outside_a_night_do_not_serve(spark, week, tmp_path):
    """Nobody knows by which settings."""
    alone = in_warehouse(spark, tmp_path)
    frame = week.store.read("als_item_factors", as_of=on(0)).drop("as_of")
    alone.store.replace("als_item_factors", frame.select("*", F.lit(on(0)).alias("as_of")))
    assert {part.table for part in step_of(alone, 1).reads} == {"pair_history"}


def test_factors_of_a_night_that_did_not_pass_do_not_serve(week):
    """Which fit serves hangs on the nights that passed, not on what else is stored."""
    assert {part.table for part in step_of(week, 1, nights=()).reads} == {"pair_history"}
    kept = factors_to_keep(week, on(2), [on(0)])  # Tuesday was refused, or is a past day of a fit
    assert kept == on(0)
