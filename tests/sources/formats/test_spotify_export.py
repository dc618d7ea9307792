import json

import pytest

from ritornello.errors import BadInputError
from ritornello.sources.formats.json_lists import elements
from sources.formats.outside_files import read_events, rejected, taken, write


def short(at="2024-03-01 09:00", artist="Tin Owls", track="Dusk", ms=30_000):
    return {"endTime": at, "artistName": artist, "trackName": track, "msPlayed": ms}


def extended(at="2024-03-01T09:00:05Z", uri="spotify:track:abc", track="Dusk", ms=200_000):
    return {
        "ts": at,
        "ms_played": ms,
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": track and "Tin Owls",
        "spotify_track_uri": uri,
        "skipped": None,
    }


def listed(*plays) -> str:
    """As the service writes the short form: a field a line, six lines a play."""
    return json.dumps(list(plays), indent=1)


def test_every_element_has_the_line_it_begins_on():
    text = '\ufeff[\n{"a": "}{"},\n{"b"\n: 1},\n{"c": oops},\n{"d": 2}, stray\n, {"e": 3'
    assert list(elements(text.encode())) == [
        (2, '{"a": "}{"}', None),
        (3, '{"b"\n: 1}', None),
        (5, '{"c": oops},\n', "json_malformed"),
        (6, '{"d": 2}', None),
        (6, "stray\n, ", "json_malformed"),
        (7, '{"e": 3', "json_malformed"),  # the file was cut
    ]


def test_an_empty_list_is_blank_an_empty_file_nothing_and_wrong_bytes_are_told():
    assert list(elements(b"[ ]\n")) == [(1, "[ ]\n", "blank")]
    assert list(elements(b" ")) == []
    assert list(elements(b'[{"a": "\xff"}]')) == [(1, '{"a": "�"}', "encoding_wrong")]


def test_sub_folders_are_listeners_and_short_plays_are_skips(spark, tmp_path):
    first = [short(), short(ms=29_999), short(track="  "), short(at="2024-03-01"), short(ms="x")]
    write(tmp_path / "mira" / "StreamingHistory_music_0.json", listed(*first))
    write(tmp_path / "mira" / "StreamingHistory_podcast_0.json", "[]")
    odd = b"\xef\xbb\xbf" + listed(extended(), extended(uri=None, track=None)).encode()
    write(tmp_path / "jon" / "deep er" / "Streaming_History_Audio_2023_1.json", odd)
    local = [extended(uri="spotify:local:x"), extended(at="2024-03-01 09:00")]
    write(tmp_path / "jon" / "Streaming_History_Audio_2024.json", json.dumps(local))
    rows = read_events(spark, "spotify-export", tmp_path)
    assert taken(rows) == [
        ("jon", "abc", "2024-03-01 09:00:05", 1),
        ("mira", "Tin Owls\tDusk", "2024-03-01 09:00:00", -1),
        ("mira", "Tin Owls\tDusk", "2024-03-01 09:00:00", 1),
    ]
    assert rejected(rows) == [
        ("jon/Streaming_History_Audio_2024.json", 1, "time_unparsable"),
        ("jon/Streaming_History_Audio_2024.json", 1, "track_id_missing"),
        ("jon/deep er/Streaming_History_Audio_2023_1.json", 10, "not_a_track"),
        ("mira/StreamingHistory_music_0.json", 14, "not_a_track"),
        ("mira/StreamingHistory_music_0.json", 20, "time_unparsable"),
        ("mira/StreamingHistory_music_0.json", 26, "weight_wrong"),
    ]


def test_one_folder_is_one_listener_and_the_same_file_counts_once(spark, tmp_path):
    write(tmp_path / "export" / "StreamingHistory0.json", listed(short()))
    write(tmp_path / "export" / "StreamingHistory1.json", listed(short(at="2024-03-02 10:00")))
    write(tmp_path / "export" / "StreamingHistory2.json", listed(short()))
    rows = read_events(spark, "spotify-export", tmp_path / "export", min_play_seconds=31.0)
    assert {one[0] for one in taken(rows)} == {"export"}
    assert [one[3] for one in taken(rows)] == [-1, -1]
    assert rejected(rows) == [("StreamingHistory2.json", 2, "same_file_twice")]


def test_both_histories_of_one_listener_and_other_json_are_refused(spark, tmp_path):
    write(tmp_path / "StreamingHistory0.json", listed(short()))
    write(tmp_path / "Streaming_History_Audio_1.json", listed(extended()))
    with pytest.raises(BadInputError, match="the short and the extended history"):
        read_events(spark, "spotify-export", tmp_path)
    write(tmp_path / "other" / "StreamingHistory0.json", '[{"id": 1}]')
    with pytest.raises(
        BadInputError, match=r"StreamingHistory0.json: refused: no element has the expected form"
    ):
        read_events(spark, "spotify-export", tmp_path / "other")


def test_a_short_track_heard_to_its_end_is_a_play(spark, tmp_path):
    ends = [("trackdone", 21_000), ("fwdbtn", 21_000), (None, 21_000), ("trackdone", 0)]
    plays = [
        extended(uri=f"spotify:track:{n}", ms=ms) | {"reason_end": end, "skipped": end == "fwdbtn"}
        for n, (end, ms) in enumerate(ends)
    ]
    write(tmp_path / "mira" / "endsong_0.json", listed(*plays))
    rows = read_events(spark, "spotify-export", tmp_path)
    assert [row.weight for row in rows] == [1, -1, -1, -1]


def test_a_play_that_overlaps_the_last_one_of_its_track_is_told_and_a_loop_is_not(spark, tmp_path):
    ends = ["09:00:00", "09:00:02", "09:03:20", "09:06:30", "09:08:00"]
    plays = [extended(at=f"2024-03-01T{end}Z") for end in ends]
    plays.append(extended(at="2024-03-01T09:00:02Z", uri="spotify:track:other"))
    plays.append(extended(at="2024-03-01T09:00:03Z", ms=5_000))  # a skip
    write(tmp_path / "mira" / "endsong_0.json", json.dumps(plays))
    write(tmp_path / "jon" / "endsong_0.json", json.dumps(plays[1:2]))
    rows = read_events(spark, "spotify-export", tmp_path)
    soon = [(row.listener_key, str(row.played_at)[11:]) for row in rows if row.reason]
    assert soon == [("mira", "09:00:02"), ("mira", "09:08:00")]
    assert {row.reason for row in rows} == {None, "overlaps_a_play"}


def test_the_short_form_knows_the_minute_only(spark, tmp_path):
    plays = [
        short(at=f"2024-03-01 09:{at}", ms=ms)
        for at, ms in (("00", 100_000), ("01", 100_000), ("02", 250_000))
    ]
    write(tmp_path / "mira" / "StreamingHistory0.json", listed(*plays))
    rows = read_events(spark, "spotify-export", tmp_path)
    assert [row.reason for row in rows] == [None, None, "overlaps_a_play"]
