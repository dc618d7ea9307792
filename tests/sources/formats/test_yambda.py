import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ritornello.errors import BadInputError
from ritornello.sources.nested_parquet import open_delivery
from sources.formats.outside_files import Converted, read_events, rejected, taken

EVENT = {"uid": pa.uint32(), "timestamp": pa.uint32(), "item_id": pa.uint32()}
LISTEN = {
    **EVENT,
    "is_organic": pa.uint8(),
    "played_ratio_pct": pa.uint16(),
    "track_length_seconds": pa.uint32(),
}


def table(path, types, *rows, sequential=False):
    """Rows as tuples in the order of the types; sequential: all but uid are lists."""
    schema = pa.schema(
        [(n, t if n == "uid" or not sequential else pa.list_(t)) for n, t in types.items()]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    made = pa.Table.from_pylist([dict(zip(types, row, strict=True)) for row in rows], schema)
    pq.write_table(made, path)


@pytest.fixture(scope="module")
def converted(spark, tmp_path_factory):
    root = tmp_path_factory.mktemp("yambda")
    table(
        root / "listens.parquet" / "part-0.parquet",
        LISTEN,
        (100, 0, 11, 1, 50, 200),
        (100, 5, 11, 0, 49, 200),  # too little of it
        (90, 86_400, 12, 1, 130, 200),  # parts heard twice
        (90, 86_405, 2**31, 1, 100, 200),
        (90, 86_410, 12, 1, None, 200),
        (None, 86_410, 12, 1, 100, 200),
    )
    table(root / "listens.parquet" / "part-1.parquet", LISTEN, (80, 10, 12, 1, 100, 90))
    table(root / "listens.parquet" / "part-2.parquet", LISTEN, (80, 10, 12, 1, 100, 90))
    table(root / "likes.parquet", EVENT, (100, 10, 11))
    table(root / "dislikes.parquet", EVENT, (100, 10, 12))
    table(root / "unlikes.parquet", EVENT, (100, 15, 11))  # not read
    mapping = {"artist_id": pa.uint32(), "item_id": pa.uint32()}
    table(root / "artist_item_mapping.parquet", mapping, (7, 11), (5, 11))
    return Converted(spark, "yambda", root, tmp_path_factory.mktemp("out"))


def test_listens_likes_and_dislikes_have_weights_and_times_from_the_epoch(converted):
    assert converted.plays() == [
        ("100", "11", "2024-01-01 00:00:00", 1),
        ("100", "11", "2024-01-01 00:00:05", -1),
        ("100", "11", "2024-01-01 00:00:10", 2),
        ("100", "12", "2024-01-01 00:00:10", -2),
        ("80", "12", "2024-01-01 00:00:10", 1),
        ("90", "12", "2024-01-02 00:00:00", 1),
    ]
    assert converted.listeners() == {"100": 100, "90": 90, "80": 80}
    tracks = {key: (row.track_index, row.artist_id) for key, row in converted.tracks().items()}
    assert tracks == {"11": (11, "5"), "12": (12, None)}


def test_rows_that_cannot_be_taken_are_told_by_their_number(converted):
    assert converted.quarantine() == [
        ("listens.parquet/part-0.parquet", 4, "track_wrong"),
        ("listens.parquet/part-0.parquet", 5, "weight_wrong"),
        ("listens.parquet/part-0.parquet", 6, "listener_missing"),
        ("listens.parquet/part-2.parquet", 1, "same_file_twice"),
    ]
    texts = {row.line: row.text for row in converted.rows("quarantine")}
    assert texts[4] == '{"uid":90,"item_id":2147483648,"seconds":86405,"percent":100.0}'
    assert "5 files: 10 entries = 6 plays + 4 quarantined" in converted.printed


def test_the_strict_import_takes_it(spark, converted):
    assert open_delivery(spark, converted.out).has_artists


def test_sequential_files_hold_the_same_events(spark, tmp_path):
    table(
        tmp_path / "listens.parquet",
        LISTEN,
        (100, [0, 5], [11, 11], [1, 0], [50, 49], [200, 200]),
        (90, [], [], [], [], []),
        (80, [10, 15], [12], [1], [100], [90]),  # a list is too short
        sequential=True,
    )
    table(tmp_path / "likes.parquet", EVENT, (100, [10], [11]), sequential=True)
    rows = read_events(spark, "yambda", tmp_path, min_played_percent=40.0)
    assert taken(rows) == [
        ("100", "11", "2024-01-01 00:00:00", 1),
        ("100", "11", "2024-01-01 00:00:05", 1),
        ("100", "11", "2024-01-01 00:00:10", 2),
        ("80", "12", "2024-01-01 00:00:10", 1),
    ]
    assert rejected(rows) == [
        ("listens.parquet", 2, "blank"),
        ("listens.parquet", 3, "track_wrong"),
    ]


def test_a_missing_column_or_file_is_refused(spark, tmp_path):
    table(tmp_path / "likes.parquet", EVENT, (1, 2, 3))
    with pytest.raises(BadInputError, match=r"no listens.parquet can be read"):
        read_events(spark, "yambda", tmp_path)
    table(tmp_path / "listens.parquet", EVENT, (1, 2, 3))
    with pytest.raises(
        BadInputError, match=r"listens.parquet: refused: column played_ratio_pct is miss"
    ):
        read_events(spark, "yambda", tmp_path)
    table(tmp_path / "listens.parquet", {**EVENT, "played_ratio_pct": pa.string()}, (1, 2, 3, "4"))
    with pytest.raises(BadInputError, match="column played_ratio_pct is string"):
        read_events(spark, "yambda", tmp_path)
