import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from intake.delivery_files import INTERACTIONS, PLAY, listener, play, track, write_delivery
from ritornello.errors import BadInputError
from ritornello.plays.explode import explode_lists
from ritornello.sources.nested_parquet import open_delivery, read_interactions, read_tracks

RICH_PLAY = pa.struct([*PLAY, ("device", pa.string())])


def test_the_scan_asks_for_the_needed_leaves_only_and_explodes_once(spark, tmp_path):
    folder = write_delivery(tmp_path, [listener(7, play(1, "2024-05-01 00:00:00"))], [track(1)])
    rich = INTERACTIONS.set(1, pa.field("actions", pa.list_(RICH_PLAY)))
    rich = rich.append(pa.field("country", pa.string()))
    table = pa.Table.from_pylist([listener(7, play(1, "2024-05-01 00:00:00"))], schema=rich)
    pq.write_table(table, tmp_path / "interactions.parquet")

    (frame,) = read_interactions(spark, open_delivery(spark, folder))
    plan = explode_lists(frame)._jdf.queryExecution().executedPlan().toString()

    assert "device" not in plan
    assert "country" not in plan
    assert plan.count("Generate posexplode") == 1
    schemas = [
        scan.requiredSchema().json()
        for scan in [explode_lists(frame)._jdf.queryExecution().sparkPlan().collectLeaves().head()]
    ]
    assert schemas[0].count('"name"') == 6  # three columns, three fields of a play


def test_tracks_come_under_this_projects_names_and_blank_artists_are_null(spark, tmp_path):
    listed = [track(1, artist="A", key=" key-1 "), track(2, artist=" "), {"track_index": 3}]
    folder = write_delivery(tmp_path, [], listed)
    rows = read_tracks(spark, open_delivery(spark, folder)).orderBy("track_index").collect()
    assert [row.source_artist_id for row in rows] == ["A", None, None]
    assert (rows[0].source_track_key, rows[0].source_play_count) == ("key-1", 7)


@pytest.mark.parametrize("missing", ["interactions", "tracks"])
def test_a_delivery_without_one_of_its_files_says_which(spark, tmp_path, missing):
    other = {"interactions": "tracks", "tracks": "interactions"}[missing]
    spark.range(1).write.parquet(str(tmp_path / f"{other}.parquet"))
    with pytest.raises(BadInputError, match=f"{missing}\\.parquet is missing; a delivery holds"):
        open_delivery(spark, str(tmp_path))
