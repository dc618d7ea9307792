"""Every file of a folder has an outcome: read, ignored with a reason, or refused with one."""

import gzip
import io
import json
import re
import zipfile

import pytest

from ritornello.errors import BadInputError, ContractError
from ritornello.intake.entry_ledger import check_files
from ritornello.sources.left_out import ignored
from sources.formats.outside_files import Converted, write


def short(minute: int) -> dict:
    at = f"2024-02-01 10:{minute:02d}"
    return {"endTime": at, "artistName": "Kelp", "trackName": "Tide", "msPlayed": 99_000}


def history(*minutes: int) -> bytes:
    return json.dumps([short(minute) for minute in minutes]).encode()


def archive(members: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return raw.getvalue()


ZIPPED = {
    "MyData/StreamingHistory_music_0.json": history(20),
    "MyData/": b"",
    "MyData/Userdata.json": b"{}",
    "__MACOSX/MyData/._StreamingHistory_music_0.json": b"x",
}
NAMED = '"track_metadata": {"artist_name": "Kelp", "track_name": "Tide"}'
LISTEN = '{"user_name": "ida", "listened_at": %d, ' + NAMED + "}"
# name: (content, what is printed behind the name)
SPOTIFY = {
    "StreamingHistory_music_0.json": (history(0, 1), "2 entries = 2 plays"),
    "STREAMINGHISTORY_MUSIC_1 (1).JSON": (history(2), "1 entries = 1 plays"),
    "StreamingHistory music 2 (2).json": (history(3), "1 entries = 1 plays"),
    "StreamingHistory_music_3.json.gz": (gzip.compress(history(4)), "1 entries = 1 plays"),
    "StreamingHistory_music_4.json.GZ": (gzip.compress(history(5)), "1 entries = 1 plays"),
    "StreamingHistory_plain.json.gz": (history(6), "1 entries = 1 plays"),  # a browser unpacked it
    "StreamingHistory_packed.json": (gzip.compress(history(7)), "1 entries = 1 plays"),
    "StreamingHistory_mark.json": (b"\xef\xbb\xbf" + history(8), "1 entries = 1 plays"),
    "StreamingHistory_wide.json": (
        history(9).decode().encode("utf-16"),
        "1 entries = 1 plays",
    ),
    "StreamingHistory_lines.json": (
        b"\n".join(json.dumps(short(minute)).encode() for minute in (10, 11)),
        "2 entries = 2 plays",
    ),
    "StreamingHistory_none.json": (b"[]", "1 entries = 0 plays + 0 quarantined + 1 header"),
    "StreamingHistory_none_too.json": (b"[]", "1 entries = 0 plays + 0 quarantined + 1 header"),
    "StreamingHistory_zz_again.json": (history(0), "1 entries = 0 plays + 1 quarantined"),
    "StreamingHistory_0_bytes.json": (b"", "ignored: the file is empty"),
    "StreamingHistory_0_bytes.json.gz": (gzip.compress(b""), "ignored: the file is empty"),
    "StreamingHistory_spaces.json": (b" \n\t", "ignored: the file is empty"),
    "StreamingHistory_no_sense.json": (b"\xff\xfe[\x00\x00\xd8[", "refused: UTF-16 that cannot"),
    "StreamingHistory_no_mark.json": (
        history(0).decode().encode("utf-16-le"),
        "refused: no text, or",
    ),
    "StreamingHistory_other.json": (b'[{"id": 1}]', "refused: no element has the expected form"),
    "StreamingHistory_page.json": (b"<html></html>", "refused: no element has the expected form"),
    "StreamingHistory_torn.json.gz": (
        gzip.compress(history(*range(60)))[:-20],
        "refused: a damaged gzip",
    ),
    "StreamingHistory_zip.json": (archive(ZIPPED), "refused: a zip archive that does not end"),
    "StreamingHistory_podcast_0.json": (history(0), "ignored: podcasts or audiobooks"),
    "Streaming_History_Video_2024.json": (b"[]", "ignored: videos"),
    "StreamingHistory_music_9.json.xz": (b"x", "refused: packed as .xz, so unpack it first"),
    "Userdata.json": (b"{}", "ignored: account data"),
    "notes.txt": (b"x", "ignored: its name is not one of this format"),
    ".hidden/StreamingHistory_music_0.json": (history(0), "ignored: hidden"),
    "my_spotify_data.zip": (archive(ZIPPED), None),
    "my_spotify_data.zip/MyData/StreamingHistory_music_0.json": (None, "1 entries = 1 plays"),
    "my_spotify_data.zip/MyData/Userdata.json": (None, "ignored: account data"),
    "my_spotify_data.zip/__MACOSX/MyData/._StreamingHistory_music_0.json": (
        None,
        "ignored: hidden",
    ),
    "torn.zip": (archive(ZIPPED)[:150], "refused: not a zip archive, or cut off"),
    "half.zip": (archive(ZIPPED)[:99] + archive(ZIPPED)[170:], "refused: the archive is damaged"),
    "none.zip": (b"PK\x05\x06" + bytes(18), "ignored: the archive holds no files"),
    "empty.zip": (b"", "ignored: the file is empty"),
    "text.zip": (b"hello", "refused: not a zip archive, or cut off"),
}


def test_every_file_of_an_account_export_is_named_with_its_outcome(spark, tmp_path):
    for name, (content, _) in SPOTIFY.items():
        if content is not None:
            (tmp_path / "ida" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "ida" / name).write_bytes(content)
    converted = Converted(spark, "spotify-export", tmp_path / "ida", tmp_path / "out")
    said = {name: outcome for name, (_, outcome) in SPOTIFY.items() if outcome}
    printed = converted.printed.splitlines()
    lines = {name: [one for one in printed if one.startswith(f"  {name}: ")] for name in said}
    for name, outcome in said.items():
        assert len(lines[name]) == 1, name
        assert lines[name][0].startswith(f"  {name}: {outcome}"), lines[name]
    kinds = ["ignored" in one or "refused" in one for one in said.values()]
    counts = (
        len(said),
        kinds.count(False),
        sum(one.startswith("ignored") for one in said.values()),
        sum(one.startswith("refused") for one in said.values()),
    )
    assert (
        "{} in the folder = {} read + {} ignored + {} refused".format(*counts) in converted.printed
    )
    assert [one[2][-5:] for one in converted.plays()] == [
        f"{minute:02d}:00" for minute in (*range(12), 20)
    ]
    assert converted.quarantine() == [("StreamingHistory_zz_again.json", 1, "same_play_twice")]
    assert set(converted.listeners()) == {"ida"}
    assert not (tmp_path / "out" / "_unpacked").exists()


def test_an_archive_as_downloaded_is_an_input(spark, tmp_path):
    (tmp_path / "ida").mkdir()
    (tmp_path / "ida" / "my_spotify_data (1).zip").write_bytes(archive(ZIPPED))
    folder = tmp_path / "ida" / "my_spotify_data (1).zip"
    converted = Converted(spark, "spotify-export", folder, tmp_path / "out")
    assert converted.plays() == [("ida", "Kelp\tTide", "2024-02-01 10:20:00", 1)]
    assert "3 in the folder = 1 read + 2 ignored + 0 refused" in converted.printed


def test_one_bad_file_of_lines_does_not_stop_the_others(spark, tmp_path):
    torn = "\n".join(LISTEN % minute for minute in range(10**9, 10**9 + 3000)).encode()
    files = {
        "listens/2024/1.jsonl": (LISTEN % 1_700_000_000 + "\n").encode(),
        "listens/2024/2 (1).jsonl": (LISTEN % 1_700_000_060).encode("utf-16"),
        "listens/2024/3.jsonl": b"",
        "listens/2024/4.jsonl": b"\n\n",
        "listens/2024/5.jsonl": b'{"payload": 1}\n',
        "listens/2024/6.jsonl.gz": gzip.compress(torn, mtime=0)[:-40],
        "listens/2024/7.json": f"[{LISTEN % 1_700_000_120},\n{LISTEN % 1_700_000_180}]".encode(),
        "export.zip": archive({"listens/2024/8.jsonl": (LISTEN % 1_700_000_240).encode()}),
        "feedback.jsonl": b"{}",
        "pinned_recording.jsonl": b"{}",
        "user.json": b'{"user_id": 1, "user_name": "ida"}',
    }
    for name, content in files.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    converted = Converted(
        spark, "listenbrainz", tmp_path / "in", tmp_path / "out", without_track_id="names"
    )
    assert len(converted.plays()) == 5
    for line in (
        "1.jsonl: 1 entries = 1 plays",
        "2 (1).jsonl: 1 entries = 1 plays",
        "3.jsonl: ignored: the file is empty",
        "4.jsonl: ignored: the file is empty",
        "5.jsonl: refused: no line has the expected form: a listen with",
        "6.jsonl.gz: refused: the file is damaged or cannot be read",
        "7.json: 2 entries = 2 plays",
        "export.zip/listens/2024/8.jsonl: 1 entries = 1 plays",
        "feedback.jsonl: ignored: loved and hated recordings",
        "pinned_recording.jsonl: ignored: pinned recordings",
        "user.json: ignored: no listens; they are of ida",
        "11 in the folder = 4 read + 5 ignored + 2 refused",
    ):
        assert line in converted.printed
    refused = (tmp_path / "out" / "refused.txt").read_text().splitlines()
    assert refused == ["listens/2024/6.jsonl.gz", "listens/2024/5.jsonl"]
    for name in refused:
        (tmp_path / "in" / name).unlink()
    Converted(spark, "listenbrainz", tmp_path / "in", tmp_path / "out", without_track_id="names")
    assert not (tmp_path / "out" / "refused.txt").exists()


def test_a_folder_without_a_readable_file_stops_and_says_what_each_file_is(spark, tmp_path):
    write(tmp_path / "in" / "Last.fm_data.csv", "uts,artist\n")
    write(tmp_path / "in" / "Last.fm_data (1).csv", "")
    write(tmp_path / "in" / "songs.txt", "x")
    with pytest.raises(BadInputError) as raised:
        Converted(spark, "lastfm-csv", tmp_path / "in", tmp_path / "out")
    said = str(raised.value)
    assert "no file can be read; expected Last.fm plays as .csv" in said
    assert re.search(r"; Last.fm_data.csv: refused: no line .*; it starts with 'uts,artist'", said)
    assert "; Last.fm_data (1).csv: ignored: the file is empty" in said
    assert "; songs.txt: ignored: its name is not one of this format" in said
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="the folder holds no files"):
        Converted(spark, "lastfm-csv", tmp_path / "empty", tmp_path / "out")


def test_files_without_an_outcome_or_with_two_are_a_bug():
    check_files(["a", "b"], ["a"], [ignored("b", "why")])
    with pytest.raises(ContractError, match="b: a file of the folder with 0 outcomes"):
        check_files(["a", "b"], ["a"], [])
    with pytest.raises(ContractError, match="a: a file of the folder with 2 outcomes"):
        check_files(["a"], ["a"], [ignored("a", "why")])
