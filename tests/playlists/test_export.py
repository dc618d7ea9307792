"""Playlists as files: whatever a name holds, it comes back."""

import csv
import io
import json
from xml.etree import ElementTree

import pandas as pd
import pytest

from ritornello.errors import UsageError
from ritornello.playlists.export import FORMATS, export, service_uri

NA = float("nan")
SERVICE_KEY = "0aZ1bY2cX3dW4eV5fU6gT7"
XSPF = "{http://xspf.org/ns/0/}"
NAMES = [
    'Say "Hi", <b>&amp;</b>',
    "two\nlines\rand\r\nmore",
    "Дорога 🌙 夜に",
    "=1+1; a\\b",
    " spaced\tout ",
]


def playlist() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rank": [2, 1, 3, 4, 5],  # not in order
            "track_id": [1, 2, 3, 4, 5],
            "artist_id": [1, 2, 3, 4, NA],
            "score": [0.5, 0.75, 0.4, 0.3, 0.2],
            "reason": ["as <you> like it", "", "new to you", "x", "y"],
            "track_name": [NAMES[1], NAMES[0], NAMES[2], NAMES[3], None],
            "artist_name": [NAMES[3], NAMES[2], NAMES[0], NAMES[4], None],
            "source_track_key": [None, SERVICE_KEY, "x000000001", SERVICE_KEY[:-1], NA],
            "source_track_id": [11, 12, 13, 14, 15],
            "duration_ms": [NA, 215_600.0, 1.0, 60_000.0, NA],
        }
    )


TRACKS = [*NAMES[:4], "unknown track"]
ARTISTS = [NAMES[2], NAMES[3], NAMES[0], NAMES[4], "unknown artist"]
URIS = [f"spotify:track:{SERVICE_KEY}", *(f"ritornello:track:{n}" for n in (11, 13, 14, 15))]


def test_csv_comes_back_as_it_was():
    text = export(playlist(), to="csv", title="any")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["track"] for row in rows] == TRACKS
    assert [row["artist"] for row in rows] == ARTISTS
    assert [row["uri"] for row in rows] == URIS
    assert [row["rank"] for row in rows] == list("12345")
    assert rows[0]["score"] == "0.750000"
    assert [row["duration_ms"] for row in rows] == ["215600", "", "1", "60000", ""]


def test_jspf_comes_back_as_it_was():
    page = json.loads(export(playlist(), to="jspf", title='my "list"'))["playlist"]
    assert page["title"] == 'my "list"'
    assert [track["title"] for track in page["track"]] == TRACKS
    assert [track["creator"] for track in page["track"]] == ARTISTS
    assert [track["identifier"] for track in page["track"]] == [[uri] for uri in URIS]
    assert page["track"][0]["duration"] == 215_600
    assert "duration" not in page["track"][1]


def test_xspf_comes_back_as_it_was():
    root = ElementTree.fromstring(export(playlist(), to="xspf", title="a < b").encode())
    assert root.tag == f"{XSPF}playlist"
    assert root.attrib == {"version": "1"}
    assert root.findtext(f"{XSPF}title") == "a < b"
    tracks = root.findall(f"{XSPF}trackList/{XSPF}track")
    assert [track.findtext(f"{XSPF}title") for track in tracks] == TRACKS
    assert [track.findtext(f"{XSPF}creator") for track in tracks] == ARTISTS
    assert [track.findtext(f"{XSPF}identifier") for track in tracks] == URIS
    assert tracks[1].findtext(f"{XSPF}annotation") == "as <you> like it"
    order = ["identifier", "title", "creator", "annotation", "trackNum", "duration"]
    assert [element.tag.removeprefix(XSPF) for element in tracks[0]] == order


def test_m3u8_is_two_lines_a_track():
    text = export(playlist(), to="m3u8", title="one\ntwo")
    assert text.encode("utf-8").decode("utf-8") == text
    lines = text.split("\n")
    assert lines[:2] == ["#EXTM3U", "#PLAYLIST:one two"]
    assert lines[2] == f"#EXTINF:216,{NAMES[2]} - {NAMES[0]}"
    assert lines[4] == f"#EXTINF:-1,{NAMES[3]} - two lines and more"
    assert lines[3:12:2] == URIS
    assert len(lines) == 2 + 2 * 5 + 1


def test_uris_are_those_that_the_service_knows():
    assert export(playlist(), to="uris", title="any") == f"{URIS[0]}\n"
    assert service_uri(SERVICE_KEY) == URIS[0]
    for other in (None, NA, 7, "x000000001", SERVICE_KEY + "8", SERVICE_KEY[:-1] + "-"):
        assert service_uri(other) is None


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_what_no_file_can_hold_becomes_a_mark(to):
    odd = (
        playlist()
        .head(1)
        .assign(track_name="a\x00b\ud83dc", artist_name="x\x1by", source_track_id="new\nline")
    )
    text = export(odd, to=to, title="t\udc00")
    text.encode("utf-8")  # no lone half of a character
    if to == "xspf":
        title = ElementTree.fromstring(text.encode()).findtext(f".//{XSPF}track/{XSPF}title")
        assert title == "a\ufffdb\ufffdc"
    if to != "uris":
        assert "ritornello:track:new%0Aline" in text
    export(odd.head(0), to=to, title="nothing")


def test_another_format_is_refused():
    with pytest.raises(UsageError, match="choose one of m3u8, csv, jspf, xspf, uris"):
        export(playlist(), to="mp3", title="any")
