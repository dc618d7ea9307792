"""The files that Spark writes: schema, nulls, gaps, order, the same rows on any partitions."""

import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from ritornello.generator.write import generate, write
from ritornello.settings.generator import GeneratorSettings

TINY = GeneratorSettings(listeners=40, tracks=1_500, plays_median=60, giant_share=0)
NAMES = ("interactions.parquet", "tracks.parquet")
KEYS = {"character_index": 0, "track_id": 1}
INTERACTIONS = (
    "struct<character_index:int,"
    "actions:array<struct<track_index:int,timestamp:string,1:int>>,size_of_actions:int>"
)
TRACKS = (
    "struct<track_id:string,track_index:int,track_count:int,year_category:string,domain:string,"
    "genre_id_list:array<int>,track_name:string,artist_name:string>"
)


@pytest.fixture(scope="module")
def files(spark, tmp_path_factory):
    """The tiny log as written on three partitions."""
    folder = str(tmp_path_factory.mktemp("generated"))
    write(spark, TINY, folder, partitions=3)
    return [spark.read.parquet(f"{folder}/{name}") for name in NAMES]


def rows_of(frame):
    """Rows by id: Spark reads a folder's largest file first."""
    return sorted(frame.collect(), key=lambda row: row[KEYS[frame.columns[0]]])


def in_file_order(frame, column):
    """One column as it lies in the files, taken by name."""
    names = sorted(frame.inputFiles())
    tables = [pq.read_table(name.removeprefix("file://"), columns=[column]) for name in names]
    assert len(tables) > 1
    return [value for table in tables for value in table[column].to_pylist()]


def test_schemas_are_exact(files):
    interactions, tracks = files
    assert interactions.schema.simpleString() == INTERACTIONS
    assert tracks.schema.simpleString() == TRACKS


def test_rows_do_not_depend_on_partitions(spark, files):
    written = [rows_of(frame) for frame in files]
    for partitions in (1, 7):
        made = generate(spark, TINY, partitions=partitions)
        assert [rows_of(frame) for frame in made] == written


def test_another_seed_gives_other_rows(spark, files):
    other = generate(spark, TINY.model_copy(update={"seed": 28}), partitions=2)[0]
    assert rows_of(other) != rows_of(files[0])


def test_listeners_are_sorted_with_gaps_and_their_lists_are_not(files):
    rows, ids = rows_of(files[0]), in_file_order(files[0], "character_index")
    assert len(ids) == TINY.listeners
    assert ids == sorted(set(ids))
    assert ids != list(range(ids[0], ids[0] + len(ids)))
    for row in rows:
        times = [action.timestamp for action in row.actions]
        assert row.size_of_actions == len(times) >= TINY.plays_min
        assert times != sorted(times)
        assert {action["1"] for action in row.actions} == {1}


def test_times_are_written_as_the_schema_says(files):
    plays = files[0].select(F.explode("actions.timestamp").alias("at"))
    pattern = r"^20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d UTC$"
    assert plays.where(~F.col("at").rlike(pattern)).count() == 0
    first, last = plays.select(F.min("at"), F.max("at")).first()
    assert first >= "2023-12-31 00:00:00 UTC"  # 400 days before the last day
    assert last < "2025-02-03 00:00:00 UTC"


def test_every_track_is_listed_once_and_counted(files):
    interactions, tracks = files
    plays = interactions.select(F.explode("actions.track_index").alias("track_index"))
    counted = {row.track_index: row[1] for row in plays.groupBy("track_index").count().collect()}
    rows, indices = rows_of(tracks), in_file_order(tracks, "track_index")
    assert indices == sorted(set(indices))
    assert max(indices) > len(rows) == TINY.tracks  # gaps
    assert {row.track_index: row.track_count for row in rows if row.track_count} == counted
    assert any(row.track_count == 0 for row in rows)


def test_ids_are_invented_and_unknown_facts_are_null(files):
    rows = files[1].collect()
    assert len({row.track_id for row in rows}) == len(rows)
    assert all(len(row.track_id) == 22 and row.track_id.isalnum() for row in rows)
    for fact in ("year_category", "domain", "genre_id_list"):
        unknown = sum(row[fact] is None for row in rows)
        assert 0 < unknown < len(rows) / 5
    assert {row.domain for row in rows} == {"1", "2", None}
    assert len({row.year_category for row in rows}) > 4
    assert all(row.track_name and row.artist_name for row in rows)
