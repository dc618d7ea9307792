from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ritornello.errors import BadInputError
from ritornello.settings.intake import ColumnNames
from ritornello.sources.formats.recognise import recognise
from ritornello.sources.formats.table import fits
from ritornello.sources.formats.table_columns import columns_of
from sources.formats.outside_files import read_events, rejected, taken, write

CSV = """when|household_key|sku|weight
2024-03-01|9|p1|1
2024-03-01T10:00:00+02:00|9|"p|2"|-2
1709283600|8|p1|2
1709283600123|8|p3|
yesterday|8|p3|1
2024-03-02|8||1
2024-03-02||p1|1
2024-03-02|8
"""


def test_rows_are_events_whatever_the_order_of_the_columns(spark, tmp_path):
    write(tmp_path / "buys.txt", CSV)
    rows = read_events(spark, "table", tmp_path)
    assert taken(rows) == [
        ("8", "p1", "2024-03-01 09:00:00", 2),
        ("9", "p1", "2024-03-01 00:00:00", 1),
        ("9", "p|2", "2024-03-01 08:00:00", -2),
    ]
    assert rejected(rows) == [
        ("buys.txt", 1, "header"),
        ("buys.txt", 5, "weight_wrong"),
        ("buys.txt", 6, "time_unparsable"),
        ("buys.txt", 7, "track_id_missing"),
        ("buys.txt", 8, "listener_missing"),
        ("buys.txt", 9, "fields_wrong"),
    ]


def test_settings_name_columns_a_format_of_times_and_the_listener(spark, tmp_path):
    write(tmp_path / "a.csv", 'moment,"what, if any",who\n03/02/2024 10:05,Dusk,Tin Owls\n')
    columns = {"time": "moment", "name": "what", "artist": "who"}
    with pytest.raises(BadInputError, match="and no time, or neither an item nor a name"):
        read_events(spark, "table", tmp_path)
    write(tmp_path / "a.csv", "moment,what,who\n03/02/2024 10:05,Dusk,Tin Owls\n")
    more = {"time_format": "dd/MM/yyyy HH:mm", "listener": "mira", "columns": columns}
    rows = read_events(spark, "table", tmp_path, **more)
    assert taken(rows) == [("mira", "Tin Owls\tDusk", "2024-02-03 10:05:00", 1)]
    assert rows[1].artist_id == "tin owls"


def test_parquet_of_other_types_and_plays_that_two_files_share(spark, tmp_path):
    times = pa.array([1_709_283_600, None], pa.int64())
    pq.write_table(
        pa.table({"ts": times, "track_id": [7, 8], "uid": [1, 1]}), tmp_path / "a.parquet"
    )
    write(tmp_path / "b.csv", "uid,track_id,ts\n1,7,1709283600\n1,9,1709283600\n")
    rows = read_events(spark, "table", tmp_path)
    at = "2024-03-01 09:00:00"
    assert taken(rows) == [("1", "7", at, 1), ("1", "9", at, 1)]
    assert ("b.csv", 2, "same_play_twice") in rejected(rows)
    assert ("a.parquet", 2, "time_unparsable") in rejected(rows)


def test_floats_that_pandas_makes_of_whole_numbers_are_the_same_ids_and_times(spark, tmp_path):
    """One missing value makes a whole column of pandas float."""
    table = {
        "uid": pa.array([42.0, 12_345_678.0, None], pa.float64()),
        "track_id": pa.array([7.0, 7.5, 7.0], pa.float64()),
        "ts": pa.array([1_709_283_600.0] * 3, pa.float64()),
    }
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    write(tmp_path / "b.csv", "uid,track_id,ts\n42,7,1709283600\n")
    rows = read_events(spark, "table", tmp_path)
    at = "2024-03-01 09:00:00"
    assert taken(rows) == [("12345678", "7.5", at, 1), ("42", "7", at, 1)]
    assert rejected(rows) == [
        ("a.parquet", 3, "listener_missing"),
        ("b.csv", 1, "header"),
        ("b.csv", 2, "same_play_twice"),
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_of_every_unit_are_read(spark, tmp_path, unit, zone):
    """Times in nanoseconds are what pandas writes unless it is asked for something else."""
    day = datetime(2024, 3, 1, 9, 0, 0, 250_000)
    times = pa.array([day], pa.timestamp("us")).cast(pa.timestamp(unit), safe=False)
    table = pa.table(
        {"time": times.cast(pa.timestamp(unit, zone)), "track_id": [7], "user_id": [1]}
    )
    pq.write_table(table, tmp_path / "a.parquet", version="2.6")
    number = times.cast(pa.int64())[0].as_py()
    write(tmp_path / "b.csv", f"user_id,track_id,time\n2,7,{number}\n")
    ((first, *_), (second, *_)) = both = taken(read_events(spark, "table", tmp_path))
    assert (first, second) == ("1", "2")
    assert {time[:19] for _, _, time, _ in both} == {"2024-03-01 09:00:00"}


@pytest.mark.parametrize(
    ("header", "right"),
    [
        ("user_id,track_id,timestamp", (0, 1, -1, -1, 2)),
        ("Timestamp;Title;Artist;User", (3, -1, 1, 2, 0)),
        ("track,artist,played at,username,track id", (3, 4, 0, 1, 2)),
        ("customer,product,date", (0, 1, -1, -1, 2)),
    ],
)
def test_columns_are_recognised_by_their_names(header, right):
    names = header.replace(";", ",").split(",")
    told = columns_of(names, ColumnNames())
    assert (told.listener, told.item, told.name, told.artist, told.time) == right
    assert fits(header.encode() + b"\n1,2,3\n")
    other = columns_of(names, ColumnNames(time=names[0], item="none of them"))
    assert (other.time, other.item) == (0, -1)


def test_a_table_is_recognised_only_where_no_other_format_is(tmp_path):
    write(tmp_path / "own" / "plays.csv", "user,item,time\n1,2,3\n")
    assert recognise(str(tmp_path / "own")).name == "table"
    assert not fits(b"a,b,c\n")
    header = ",Username,Artist,Track,Album,Date,Time\n"
    write(tmp_path / "lastfm" / "a.csv", header)
    assert recognise(str(tmp_path / "lastfm")).name == "lastfm-csv"
    write(tmp_path / "other" / "a.csv", "colour,size\n")
    with pytest.raises(BadInputError, match=r"table: a table as \.csv"):
        recognise(str(tmp_path / "other"))
