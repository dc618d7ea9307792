import pytest

from ritornello.errors import BadInputError
from ritornello.sources.nested_parquet import open_delivery
from sources.formats.outside_files import Converted, read_events, taken, write

HEADER = "userId,itemType,itemId,event,unixtime"
FIRST = [
    HEADER,
    "7,track,30,play,1550000000",
    "7,track,30,like,1550000001",
    "7,track,2147483647,skip,1550000002",
    "4,track,5,dislike,1550000003",
    "4,album,5,play,1550000004",
    "4,track,5,share,1550000005",
    "4,track,2147483648,play,1550000006",  # beyond int32
    "4,track,5,play,soon",
    ",track,5,play,1550000008",
    "four,track,5,play,1550000009",
    "4,track,5,play",
    "4,track,,play,1550000011",
    "",
    "4,track,5,play,1550000013",
]


@pytest.fixture(scope="module")
def converted(spark, tmp_path_factory):
    root = tmp_path_factory.mktemp("yandex")
    write(root / "user_events", b"\xef\xbb\xbf" + "\n".join(FIRST).encode())
    write(root / "user_events-1.csv.gz", f"{HEADER}\n9,track,5,play,1550000020\n")
    return Converted(spark, "yandex-event", root, tmp_path_factory.mktemp("out"))


def test_likes_plays_skips_and_dislikes_have_the_papers_weights(converted):
    assert converted.plays() == [
        ("4", "5", "2019-02-12 19:33:23", -2),
        ("4", "5", "2019-02-12 19:33:33", 1),
        ("7", "2147483647", "2019-02-12 19:33:22", -1),
        ("7", "30", "2019-02-12 19:33:20", 1),
        ("7", "30", "2019-02-12 19:33:21", 2),
        ("9", "5", "2019-02-12 19:33:40", 1),
    ]


def test_the_sources_own_numbers_are_kept_and_skips_are_no_plays(converted):
    assert converted.listeners() == {"4": 4, "7": 7, "9": 9}
    assert {(row.track_index, row.track_count) for row in converted.rows("tracks")} == {
        (5, 2),
        (30, 2),
        (2147483647, 0),
    }


def test_what_is_no_play_is_quarantined(converted):
    assert converted.quarantine() == [
        ("user_events", 6, "not_a_track"),
        ("user_events", 7, "event_unknown"),
        ("user_events", 8, "track_wrong"),
        ("user_events", 9, "time_unparsable"),
        ("user_events", 10, "listener_missing"),
        ("user_events", 11, "listener_wrong"),
        ("user_events", 12, "fields_wrong"),
        ("user_events", 13, "track_wrong"),
    ]
    assert "2 files: 17 entries = 6 plays + 8 quarantined + 3 header or blank" in converted.printed


def test_the_strict_import_takes_it_without_artists(spark, converted):
    assert not open_delivery(spark, converted.out).has_artists


def test_another_header_stops_with_both(spark, tmp_path):
    write(tmp_path / "user_events.csv", "user,item,event,time\n1,2,play,3\n")
    with pytest.raises(BadInputError) as raised:
        read_events(spark, "yandex-event", tmp_path)
    assert "user_events.csv: refused: starts with 'user,item,event,time'" in str(raised.value)
    assert f"expected the header '{HEADER}'" in str(raised.value)


def test_the_same_events_in_another_file_are_taken_once(spark, tmp_path):
    text = f"{HEADER}\n9,track,5,play,1550000020\n"
    write(tmp_path / "user_events_a.csv.gz", text)
    write(tmp_path / "user_events_b.csv", text)
    rows = read_events(spark, "yandex-event", tmp_path)
    assert taken(rows) == [("9", "5", "2019-02-12 19:33:40", 1)]
    assert [row.reason for row in rows] == ["header", None, *["same_file_twice"] * 2]
