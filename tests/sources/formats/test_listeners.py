"""Who listened: the account, the setting, or the folder that a person named."""

import json

import pytest

from ritornello.errors import BadInputError
from ritornello.identity.export_folders import check_one_kind, file_owners, folder_owner
from sources.formats.outside_files import read_events, rejected, taken, write


@pytest.mark.parametrize(
    ("name", "root", "listener"),
    [
        ("ida/StreamingHistory0.json", "/data/in", "ida"),
        ("ida/Spotify Account Data/StreamingHistory0.json", "/data/in", "ida"),
        ("MyData/ida/StreamingHistory0.json", "/data/in", "ida"),
        ("my_spotify_data (2)/MyData/StreamingHistory0.json", "/data/ida", "ida"),
        ("my_spotify_data-2024.zip/Spotify Extended Streaming History/x.json", "/x/ida/", "ida"),
        ("x.json", "/data/ida/Spotify Account Data (1)", "ida"),
        ("x.json", "s3://bucket/ida/MyData", "ida"),
        ("my_spotify_data.zip/MyData/x.json", "/data/ida/my_spotify_data.zip", "ida"),
        ("  Ni\u0301na /x.json", "/data/in", "Nína"),
        ("Mydata Studio/x.json", "/data/in", "Mydata Studio"),
        ("x.json", "s3://bucket", None),
        ("x.json", "/data/ida/x.json", "ida"),
        ("x.json.gz", "file:///data/ida/MyData/x.json.gz", "ida"),
        ("x.json", "s3://bucket/x.json", None),
        ("my_spotify_data_2023 - copy (1)/x.json", "/data/ida", "ida"),
        ("my_spotify_data_ben/x.json", "/data/ida", "my_spotify_data_ben"),
        ("Spotify Data Ben/x.json", "/data/ida", "Spotify Data Ben"),
    ],
)
def test_folders_of_the_service_are_looked_through(name, root, listener):
    assert folder_owner(name, root=root) == listener


def test_the_account_decides_then_the_setting_then_the_folder():
    accounts = {"a/1.json": "x1", "b/1.json": "x1", "c/1.json": None}
    assert file_owners(accounts, root="/in", listener=None) == {
        "a/1.json": "x1",
        "b/1.json": "x1",
        "c/1.json": "c",
    }
    assert set(file_owners(accounts, root="/in", listener="ida").values()) == {"ida"}


@pytest.mark.parametrize(
    ("accounts", "listener", "said"),
    [
        ({"a/1.json": "x1", "a/2.json": None}, None, "a/1.json names the account x1 and a/2.json"),
        ({"a/1.json": "x1", "b/1.json": "x2"}, "ida", r"\(a/1.json is of x1, b/1.json is of x2\)"),
        ({"MyData/1.json": None}, None, "MyData/1.json does not say who listened"),
    ],
)
def test_what_would_join_or_split_people_is_refused(accounts, listener, said):
    with pytest.raises(BadInputError, match=said) as raised:
        file_owners(accounts, root="s3://bucket", listener=listener)
    assert "formats.listener" in str(raised.value)


def test_both_histories_are_refused_by_listener():
    files = {"a/s1": "ida", "b/s1": "jon", "c/e1": "jon"}
    with pytest.raises(BadInputError, match=r"of one listener, jon \(b/s1; c/e1\)"):
        check_one_kind(files, root="/in", is_short=lambda name: "/s" in name, kinds="both")
    apart = {"a/s1": "ida", "c/e1": "jon"}
    check_one_kind(apart, root="/in", is_short=lambda name: "/s" in name, kinds="both")


def extended(minute: int, username: str | None = None) -> dict:
    return {
        "ts": f"2024-02-01T10:{minute:02d}:00Z",
        "username": username,
        "ms_played": 99_000,
        "master_metadata_track_name": "Tide",
        "master_metadata_album_artist_name": "Kelp",
        "spotify_track_uri": "spotify:track:t1",
    }


def test_two_exports_of_one_account_are_one_listener_with_each_play_once(spark, tmp_path):
    first = [extended(0, "acct"), extended(1, "acct"), extended(1, "acct")]
    longer = [extended(2, "acct"), *first, extended(1, "acct")]
    write(tmp_path / "ida" / "endsong_0.json", json.dumps(first))
    write(tmp_path / "old laptop" / "my_spotify_data" / "endsong_0.json", json.dumps(longer))
    rows = read_events(spark, "spotify-export", tmp_path)
    # three of 10:01 in the longer file, two in the first
    assert [one[2][-8:-3] for one in taken(rows)] == ["10:00", "10:01", "10:01", "10:01", "10:02"]
    assert {one[0] for one in taken(rows)} == {"acct"}
    assert [one[2] for one in rejected(rows)] == ["same_play_twice"] * 3


def test_equal_files_of_two_people_are_plays_of_both(spark, tmp_path):
    for person in ("ida", "jon"):
        plays = json.dumps([extended(0), extended(1)])
        write(tmp_path / person / "Streaming_History_Audio_0.json", plays)
        write(tmp_path / person / "Streaming_History_Audio_1.json", "[]")
    write(tmp_path / "jon" / "Streaming_History_Audio_0 (1).json", plays)
    rows = read_events(spark, "spotify-export", tmp_path)
    assert [one[0] for one in taken(rows)] == ["ida", "ida", "jon", "jon"]
    assert {one[2] for one in rejected(rows)} == {"blank", "same_file_twice"}
    assert [one[2] for one in rejected(rows)].count("same_file_twice") == 2


def test_a_service_folder_beside_the_other_is_refused(spark, tmp_path):
    short = {"endTime": "2024-02-01 10:00", "artistName": "Kelp", "trackName": "Tide"}
    plays = json.dumps([{**short, "msPlayed": 99_000}])
    write(tmp_path / "MyData" / "StreamingHistory0.json", plays)
    deeper = tmp_path / "Spotify Extended Streaming History"
    write(deeper / "Streaming_History_Audio_0.json", json.dumps([extended(0, "acct")]))
    with pytest.raises(BadInputError, match="the short and the extended history of one listener"):
        read_events(spark, "spotify-export", tmp_path)


def test_listens_are_of_the_account_of_the_nearest_user_file(spark, tmp_path):
    line = '{"listened_at": 1700000000, "track_metadata": {"artist_name": "K", "track_name": "T"}}'
    for person, key in (("ida", "username"), ("jon", "user_name")):
        write(tmp_path / person / "user.json", json.dumps({key: f" {person}_lb "}))
        write(tmp_path / person / "listens" / "2024" / "1.jsonl", line)
    write(tmp_path / "nobody" / "1.jsonl", line)
    write(tmp_path / "nobody" / "2.jsonl", line.replace('{"l', '{"user_name": "kim", "l'))
    rows = read_events(spark, "listenbrainz", tmp_path, without_track_id="names")
    assert [one[0] for one in taken(rows)] == ["ida_lb", "jon_lb", "kim"]
    assert rejected(rows) == [("nobody/1.jsonl", 1, "listener_missing")]
    rows = read_events(spark, "listenbrainz", tmp_path, without_track_id="names", listener="lou")
    assert [one[0] for one in taken(rows)] == ["ida_lb", "jon_lb", "kim", "lou"]


def test_files_without_entries_are_no_copies(spark, tmp_path):
    header = ",Username,Artist,Track,Album,Date,Time\n"
    for name in ("a", "b"):
        write(tmp_path / name / "Last.fm_data.csv", header)
    write(tmp_path / "c" / "Last.fm_data.csv", header + "0,ida,K,T,,01 Feb 2024,10:00\n")
    rows = read_events(spark, "lastfm-csv", tmp_path)
    assert [row.reason for row in rows] == ["header"] * 3 + [None]
