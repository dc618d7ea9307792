"""A finished night once more: nothing to do, and its lists are served."""

import pytest
from rich.console import Console

from jobs.nights import AS_OF, night_settings
from ritornello.job import Context
from ritornello.operations.night import plan, refresh
from ritornello.operations.pointer import lists_of, served_night

pytestmark = pytest.mark.slow


def test_a_second_night_of_a_day_does_nothing(spark, night):
    store = night.store
    context = Context(spark, store, night_settings(store.warehouse), Console(quiet=True))
    before = {name: store.version(name) for name in store.contracts if name != "leases"}
    assert plan(context, AS_OF).startswith("0 of ")
    assert refresh(context, AS_OF).startswith("nothing to do: all ")
    assert {name: store.version(name) for name in before} == before


def test_the_night_passed_its_audit_and_is_served(night):
    served = served_night(night.store)
    assert (served.as_of, served.action) == (AS_OF, "publish")
    lists = lists_of(night.store, served.as_of, version=served.version)
    assert lists.select("user_id").distinct().count() == served.listeners
    checks = {row.check: row for row in night.store.read("checks").collect()}
    assert checks["coverage"].value == 1.0
    assert {checks[name].value for name in ("duplicates", "ineligible", "disorder")} == {0.0}
    assert checks["stability"].outcome == "none"  # there was no night before
    assert "recommendations" in checks["coverage"].table_versions
