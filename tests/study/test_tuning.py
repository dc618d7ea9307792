"""What a comparison tunes by is its own, whatever an earlier one left in the warehouse."""

from datetime import UTC, datetime

import pytest
from rich.console import Console

from night.zeros import zeros
from ritornello.job import Context
from ritornello.settings.loading import load_settings
from ritornello.study.tuning import _past_day
from ritornello.tables.store import Store

DAY = datetime(2024, 5, 7, tzinfo=UTC)
EVERYBODY, DRAWN = {1, 2, 3, 4, 5, 6}, {2, 5}


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory) -> Context:
    settings = load_settings([], [f"warehouse={tmp_path_factory.mktemp('warehouse')}"])
    context = Context(spark, Store(spark, settings.warehouse), settings, Console(quiet=True))
    everybody, drawn = ([(user,) for user in sorted(users)] for users in (EVERYBODY, DRAWN))
    tables = dict.fromkeys(("user_profile", "pair_history", "histories"), everybody)
    for table, rows in {**tables, "item_stats": [(0,)], "samples": drawn}.items():
        key = "item_id" if table == "item_stats" else "user_id"
        frame = zeros(spark, context.store, table, rows, **{key: "int"})
        context.store.replace(table, frame, as_of=DAY)
    return context


@pytest.mark.parametrize(("own", "judged"), [(False, EVERYBODY), (True, DRAWN)])
def test_samples_count_only_where_this_comparison_built_them(context, own, judged):
    day = _past_day(context, DAY, own)
    everybody = context.store.read("user_profile", as_of=DAY).select("user_id")
    assert {row.user_id for row in day.of(everybody).collect()} == judged
