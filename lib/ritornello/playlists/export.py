"""Write a playlist as M3U8, CSV, JSPF, XSPF or service URIs.

Rows go in, text comes out. Names in any script, with quotes and newlines, survive a round trip
through CSV, JSPF and XSPF; in M3U8, a format of lines, a line break becomes a space. Characters
that no file can hold (lone surrogates, and in XSPF control characters) become U+FFFD.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import pandas as pd

from ritornello.errors import UsageError

SERVICE_ID = re.compile(r"[0-9A-Za-z]{22}")
NOT_TEXT = re.compile("[\ud800-\udfff]")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CSV_COLUMNS = ("rank", "track", "artist", "score", "reason", "uri", "duration_ms")


@dataclass(frozen=True)
class Entry:
    """One row of a playlist as it is written to files."""

    rank: int
    track: str
    artist: str
    score: float
    reason: str
    uri: str
    duration_ms: int | None


def service_uri(source_track_key: object) -> str | None:
    """Return ``spotify:track:<id>`` where the source's key is a service id.

    A service id has 22 letters and digits.
    """
    if isinstance(source_track_key, str) and SERVICE_ID.fullmatch(source_track_key):
        return f"spotify:track:{source_track_key}"
    return None


def _own_uri(track: object) -> str:
    return f"ritornello:track:{quote(_clean(str(track)), safe='')}"


def entries(playlist: pd.DataFrame) -> Iterator[Entry]:
    """Yield the rows in the order of their rank.

    A track without a service id becomes ``ritornello:track:<id>``.
    """
    for row in playlist.sort_values("rank").to_dict("records"):
        own = _own_uri(_first(row, "source_track_id", "track_id"))
        duration = _value(row, "duration_ms")
        yield Entry(
            rank=int(row["rank"]),
            track=_text(row, "track_name", "unknown track"),
            artist=_text(row, "artist_name", "unknown artist"),
            score=float(row["score"]),
            reason=_text(row, "reason", ""),
            uri=service_uri(_value(row, "source_track_key")) or own,
            duration_ms=None if duration is None else round(float(duration)),
        )


def m3u8(playlist: pd.DataFrame, *, title: str) -> str:
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(title)}"]
    for entry in entries(playlist):
        seconds = -1 if entry.duration_ms is None else round(entry.duration_ms / 1000)
        lines += [f"#EXTINF:{seconds},{_line(f'{entry.artist} - {entry.track}')}", entry.uri]
    return "\n".join(lines) + "\n"


def csv_text(playlist: pd.DataFrame, *, title: str) -> str:
    """Format the playlist as CSV (RFC 4180).

    CSV has no place for the title.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for entry in entries(playlist):
        duration = "" if entry.duration_ms is None else entry.duration_ms
        writer.writerow(
            (
                entry.rank,
                entry.track,
                entry.artist,
                f"{entry.score:.6f}",
                entry.reason,
                entry.uri,
                duration,
            )
        )
    return out.getvalue()


def jspf(playlist: pd.DataFrame, *, title: str) -> str:
    tracks = []
    for entry in entries(playlist):
        track: dict[str, Any] = {
            "identifier": [entry.uri],
            "title": entry.track,
            "creator": entry.artist,
            "annotation": entry.reason,
            "trackNum": entry.rank,
        }
        if entry.duration_ms is not None:
            track["duration"] = entry.duration_ms
        tracks.append(track)
    page = {"playlist": {"title": _clean(title), "track": tracks}}
    return json.dumps(page, ensure_ascii=False, indent=2) + "\n"


def xspf(playlist: pd.DataFrame, *, title: str) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<playlist version="1" xmlns="http://xspf.org/ns/0/">',
        f"  {_element('title', title)}",
        "  <trackList>",
    ]
    for entry in entries(playlist):
        # in the order the schema asks for
        values = {
            "identifier": entry.uri,
            "title": entry.track,
            "creator": entry.artist,
            "annotation": entry.reason,
            "trackNum": str(entry.rank),
            "duration": None if entry.duration_ms is None else str(entry.duration_ms),
        }
        elements = (_element(name, value) for name, value in values.items() if value is not None)
        lines.append(f"    <track>{''.join(elements)}</track>")
    return "\n".join([*lines, "  </trackList>", "</playlist>"]) + "\n"


def uris(playlist: pd.DataFrame, *, title: str) -> str:
    """Format one service URI per line, to paste into a player.

    Tracks without a service id are left out.
    """
    lines = (entry.uri for entry in entries(playlist) if entry.uri.startswith("spotify:"))
    return "".join(f"{uri}\n" for uri in lines)


@dataclass(frozen=True)
class Format:
    """A playlist format: its writer, file suffix and media type."""

    write: Callable[..., str]
    suffix: str
    media_type: str


FORMATS: dict[str, Format] = {
    "m3u8": Format(m3u8, ".m3u8", "application/vnd.apple.mpegurl"),
    "csv": Format(csv_text, ".csv", "text/csv"),
    "jspf": Format(jspf, ".jspf", "application/jspf+json"),
    "xspf": Format(xspf, ".xspf", "application/xspf+xml"),
    "uris": Format(uris, ".txt", "text/plain"),
}


def export(playlist: pd.DataFrame, *, to: str, title: str) -> str:
    """Return the playlist as the text of a file.

    ``to`` is one of FORMATS.
    """
    if to not in FORMATS:
        raise UsageError(f"unknown playlist format {to!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[to].write(playlist, title=title)


def _value(row: dict[Any, Any], name: str) -> Any:
    value = row.get(name)
    return None if value is None or pd.isna(value) else value


def _first(row: dict[Any, Any], *names: str) -> Any:
    first = next((value for name in names if (value := _value(row, name)) is not None), "unknown")
    return int(first) if isinstance(first, float) else first


def _text(row: dict[Any, Any], name: str, missing: str) -> str:
    value = _value(row, name)
    return missing if value is None else _clean(str(value))


def _clean(text: str) -> str:
    return NOT_TEXT.sub("\ufffd", text)


def _line(text: str) -> str:
    return " ".join(_clean(text).splitlines())


def _element(name: str, text: str) -> str:
    safe = escape(NOT_XML.sub("\ufffd", _clean(text)), {"\r": "&#13;"})
    return f"<{name}>{safe}</{name}>"
