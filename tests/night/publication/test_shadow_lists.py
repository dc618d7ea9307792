"""Which ranker serves and which one stands in its shadow, from what `runs` and `checks` know."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from night.zeros import zeros
from ritornello.job import Context
from ritornello.night.lists.registry import ranker_of
from ritornello.night.lists.shadow import Rankers, rankers_of, shadow_of, shadow_step_of
from ritornello.ranking.columns import FEATURES
from ritornello.settings.loading import load_settings
from ritornello.tables.store import Store

NIGHT = datetime(2024, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def context(spark, tmp_path) -> Context:
    """Of four rankers one is new tonight, one has other features, one was never ranked by."""
    settings = load_settings([], [f"warehouse={tmp_path}", "night.shadow_nights=2"])
    context = Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))
    rows = [
        ("ranker", version, NIGHT - days * DAY, NIGHT - days * DAY, list(features))
        for version, days, features in (
            ("new", 0, FEATURES),
            ("idle", 2, FEATURES),
            ("foreign", 3, ("plays",)),
            ("old", 7, FEATURES),
        )
    ]
    known = {"model": "string", "version": "string", "as_of": "timestamp"}
    known |= {"trained_as_of": "timestamp", "features": "array<string>"}
    context.store.append("models", zeros(spark, context.store, "models", rows, **known))
    return context


def served(context, version, night, *, outcome="ok"):
    rows = [("recommend", "track", night, outcome, {str(ranker_of(version)): "x", "code": "y"})]
    known = {"step": "string", "item_kind": "string", "as_of": "timestamp", "outcome": "string"}
    known["inputs"] = "map<string,string>"
    context.store.append("runs", zeros(context.spark, context.store, "runs", rows, **known))


def measured(context, night, outcome, *, at=0, check="coverage", version="new"):
    rows = [(shadow_step_of(version), "track", night, night + timedelta(hours=at), check, outcome)]
    known = {"step": "string", "item_kind": "string", "as_of": "timestamp"}
    known |= {"checked_at": "timestamp", "check": "string", "outcome": "string"}
    context.store.append("checks", zeros(context.spark, context.store, "checks", rows, **known))


def test_the_first_ranker_serves_at_once(context):
    assert rankers_of(context, NIGHT, "new") == Rankers("new")
    served(context, "old", NIGHT - DAY, outcome="BugError")
    served(context, "new", NIGHT)  # tonight itself says nothing of tonight
    assert rankers_of(context, NIGHT, "new") == Rankers("new")
    assert shadow_of(context, NIGHT) is None


def test_a_new_ranker_serves_after_two_nights_without_an_error(context):
    served(context, "old", NIGHT - DAY)
    served(context, "foreign", NIGHT - DAY)
    assert rankers_of(context, NIGHT, "new") == Rankers("old", "new")
    assert shadow_of(context, NIGHT) == "new"
    measured(context, NIGHT, "ok")
    measured(context, NIGHT, "warn", check="stability")
    assert rankers_of(context, NIGHT + DAY, "new") == Rankers("old", "new")
    measured(context, NIGHT + DAY, "ok")
    measured(context, NIGHT + DAY, "error", check="stability")
    measured(context, NIGHT + DAY, "ok", version="other")
    assert rankers_of(context, NIGHT + 2 * DAY, "new") == Rankers("old", "new")
    measured(context, NIGHT + DAY, "ok", check="stability", at=3)  # the night was run again
    assert rankers_of(context, NIGHT + 2 * DAY, "new") == Rankers("new")
    assert rankers_of(context, NIGHT + DAY, "new") == Rankers("old", "new")  # as it was then


def test_a_ranker_that_has_served_needs_no_shadow(context):
    served(context, "old", NIGHT - 3 * DAY)
    served(context, "idle", NIGHT - DAY)
    assert rankers_of(context, NIGHT, "idle") == Rankers("idle")
    assert rankers_of(context, NIGHT, "new") == Rankers("idle", "new")
    assert rankers_of(context, NIGHT - DAY, "idle") == Rankers("old", "idle")


def test_without_shadow_nights_the_newest_serves(context):
    served(context, "old", NIGHT - DAY)
    settings = load_settings([], [f"warehouse={context.store.warehouse}"])
    at_once = Context(context.spark, context.store, settings, context.console)
    assert rankers_of(at_once, NIGHT, "new") == Rankers("new")
    assert shadow_of(at_once, NIGHT) is None
