"""A warehouse that version 0.1.0 wrote is migrated, and goes on as if it had been rebuilt."""

import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from ritornello.errors import UsageError
from ritornello.intake.import_plays import import_plays
from ritornello.job import Context
from ritornello.night.publication.served import lists_of, served_night
from ritornello.night.refresh import refresh
from ritornello.upkeep.migrate import migrate_warehouse
from sequences.checks import against_rebuild
from sequences.nights import open_warehouse
from upkeep.old_delivery import DAYS, TRACKS, key_of, write

UPKEEP = Path(__file__).parents[1] / "upkeep"
LAST = datetime(2024, 4, 10, tzinfo=UTC)
NEXT = datetime(2024, 4, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def context(spark, tmp_path_factory) -> Context:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(UPKEEP / "warehouse-0.1.0.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return open_warehouse(spark, folder / "warehouse", "imports.track_keys=either")


def test_an_old_warehouse_is_migrated_and_its_next_night_equals_a_rebuild(context, tmp_path):
    store = context.store
    with pytest.raises(UsageError, match="run `ritornello migrate` once"):
        store.read("tracks")
    plays = store.spark.read.format("delta").load(store.path("plays")).count()
    assert migrate_warehouse(context).endswith("tables were brought up to date")
    assert migrate_warehouse(context).startswith("nothing to do")

    stored = {row.track_name: row.source_track_id for row in store.read("tracks").collect()}
    assert stored == {f"song {n}": key_of(n) or str(n) for n in range(TRACKS)}
    people = {row.source_user_id for row in store.read("users").collect()}
    assert "0" in people
    served = served_night(store)
    assert served is not None
    assert served.as_of == LAST
    old_lists = lists_of(store, served.as_of, version=served.version)
    assert {row.source_user_id for row in old_lists.collect()} <= people

    told = import_plays(context, folder=write(tmp_path / "all", range(DAYS + 1)))
    assert "took back" not in told  # the same people and songs, whatever they are known by
    assert f"duplicate {plays:,}" in told
    known = store.read("plays").where(F.col("received_at").isNull())
    assert known.count() == plays
    refresh(replace(context), NEXT)
    assert served_night(store).as_of == NEXT
    assert against_rebuild(context, NEXT, tmp_path / "rebuild") == []
