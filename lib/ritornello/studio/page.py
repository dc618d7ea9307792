"""Render the studio's answers as HTML: playlists, files, pictures and messages.

Names are escaped.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from re import sub
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ritornello.playlists.export import FORMATS, export
from ritornello.report.ink import MARKS
from ritornello.report.parts import Picture
from ritornello.studio.wish import Answer

OFFERED = {"m3u8": "M3U8", "csv": "CSV", "jspf": "JSPF", "xspf": "XSPF", "uris": "service URIs"}


@dataclass(frozen=True)
class Row:
    """One row of a playlist as people read it."""

    rank: int
    track: str
    artist: str
    reason: str
    sound: str
    score: str
    is_new: bool


@dataclass(frozen=True)
class File:
    """A playlist to download.

    The link itself contains the file.
    """

    name: str
    label: str
    href: str


def playlist_html(answer: Answer, *, series: int) -> str:
    """Render a playlist with its reasons and files.

    ``series`` selects its colour and mark on the map.
    """
    return str(_parts().playlist(answer, files_of(answer), series))


def figure_html(picture: Picture) -> str:
    """Render a picture with legend, message and words for a screen reader."""
    return str(_parts().figure(picture))


def message_html(text: str, *, wrong: bool = False) -> str:
    """Render a line for the live region."""
    kind = "wrong" if wrong else "fine"
    return str(Markup('<p class="message {}">{}</p>').format(kind, text))


def note_html(text: str) -> str:
    """Render a line that says what is shown is stale."""
    return str(Markup('<p class="note">{}</p>').format(text))


def rows_of(answer: Answer) -> list[Row]:
    """Return the rows of a playlist in their order."""
    return [
        Row(
            int(row["rank"]),
            _text(row["track_name"], f"track {row['track_id']}"),
            _text(row["artist_name"], "unknown artist"),
            str(row["reason"]),
            _sound(row),
            f"{row['score']:.2f}",
            not row["is_repeat"],
        )
        for row in answer.playlist.to_dict("records")
    ]


def files_of(answer: Answer) -> Sequence[File]:
    """Return the playlist in every format.

    Service URIs come only where a track has one.
    """
    downloads = []
    for to, label in OFFERED.items():
        text = export(answer.playlist, to=to, title=answer.title)
        if text:
            coded = b64encode(text.encode()).decode()
            name = _file_name(answer.title) + FORMATS[to].suffix
            href = f"data:{FORMATS[to].media_type};charset=utf-8;base64,{coded}"
            downloads.append(File(name, label, href))
    return downloads


@cache
def _parts() -> Any:
    page = Environment(autoescape=True, trim_blocks=True, undefined=StrictUndefined)
    text = files("ritornello.studio").joinpath("parts.html").read_text(encoding="utf-8")
    return page.from_string(text, globals={"marks": MARKS, "rows_of": rows_of}).module


def _text(value: Any, missing: str) -> str:
    return missing if pd.isna(value) else str(value)


def _sound(row: dict[Any, Any]) -> str:
    if pd.isna(row["tempo"]):
        return "\N{EN DASH}"
    return f"{row['tempo']:.0f} bpm"


def _file_name(title: str) -> str:
    return sub(r"[^\w-]+", "-", title).strip("-").lower() or "playlist"
