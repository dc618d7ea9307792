"""Titles of songs, split into the song and its version words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ritornello.catalogue.names import alphanumeric, plain

_YEAR = r"(?:19|20)\d\d"
# words that make another piece of music: such a version stays a recording of its own
_OTHER = re.compile(
    r"\b(?:remix|rmx|acoustic|instrumental|demo|karaoke|cover|sped up|slowed|reprise|medley|"
    r"a ?cappella|orchestral|unplugged|taylor's version|re-?recorded|interlude|tribute)\b"
)
_VERSION = re.compile(
    rf"^(?:"
    rf"(?:{_YEAR} )?(?:digital(?:ly)? )?re-?master(?:ed|s)?(?: version)?(?: (?:in )?{_YEAR})?(?: .*)?"
    rf"|(?:.* )?(?:{_YEAR} )?re-?master(?:ed)?(?: {_YEAR})?(?: version)?"
    rf"|(?:single|album|radio|original|lp|ep|studio|full length)"
    rf"(?: (?:version|edit|mix|cut|recording))"
    rf"|(?:{_YEAR} )?(?:stereo|mono)(?: (?:version|mix))?(?: .*)?"
    rf"|(?:{_YEAR} )?(?:version|mix|edit)|single|explicit|clean|bonus track|bonus|deluxe(?: .*)?"
    rf"|(?:.* )?anniversary (?:edition|version)"
    rf"|(?:recorded |performed )?live(?:(?:,| at| in| from| on| @| version| session| sessions|"
    rf" recording| performance| mix| edit|/| {_YEAR}).*)?"
    rf")$"
)
_GUESTS = re.compile(r"^(?:feat|ft|featuring|with)\b\.? .+")
_GUESTS_BARE = re.compile(r"\s+(?:feat|ft|featuring)\b\.?\s.*$")
_BRACKET = re.compile(r"\s*[(\[{]([^()\[\]{}]*)[)\]}]")
_SUFFIX = re.compile(r"\s+[-/]\s+([^-]+)$")


@dataclass(frozen=True)
class Title:
    """Keys of a title, and whether it names a version.

    ``title`` and ``song`` are keys. ``is_version`` is true if the title says which version this is.
    """

    title: str | None
    song: str | None
    is_version: bool


def read_title(name: str | None) -> Title:
    """Read the keys of a title.

    Remaster, single, album, radio, mono and live are versions of one song. Remixes, acoustic takes,
    demos and re-recordings are songs of their own. Guests are no part of a title. Null and blank
    titles have no keys.
    """
    if name is None or not name.strip():
        return Title(None, None, False)
    text = _GUESTS_BARE.sub("", _without(plain(name), _is_guest)).strip()
    song = text
    while (shorter := _without_suffix(_without(song, _is_version))) != song:
        song = shorter
    return Title(alphanumeric(text or name), alphanumeric(song or text or name), song != text)


def _without(text: str, is_extra: Callable[[str], bool]) -> str:
    """Drop the brackets that hold only extras."""
    for bracket in _BRACKET.finditer(text):
        if is_extra(bracket.group(1).strip()):
            shorter = (text[: bracket.start()] + text[bracket.end() :]).strip()
            return _without(shorter, is_extra) if shorter else text
    return text


def _without_suffix(text: str) -> str:
    suffix = _SUFFIX.search(text)
    return (
        text[: suffix.start()].strip() if suffix and _is_version(suffix.group(1).strip()) else text
    )


def _is_version(words: str) -> bool:
    return bool(_VERSION.match(words)) and not _OTHER.search(words)


def _is_guest(words: str) -> bool:
    return bool(_GUESTS.match(words))
