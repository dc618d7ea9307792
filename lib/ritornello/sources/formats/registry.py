"""The formats by name, with their files and their readers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import SparkSession

from ritornello.settings.intake import FormatSettings
from ritornello.sources.entries import Reading
from ritornello.sources.formats import (
    hetrec_2k,
    lastfm_1k,
    lastfm_csv,
    listenbrainz,
    spotify_export,
    table,
    yambda,
    yandex_event,
)
from ritornello.sources.formats.names import ABOUT
from ritornello.sources.inbox import Inbox, Names

ReadCounts = Callable[[SparkSession, Inbox], hetrec_2k.CountsReading]
Read = Callable[[SparkSession, Inbox, FormatSettings], Reading]


LINE = ("header", "blank", "encoding_wrong")
NAMED = ("fields_wrong", "listener_missing", "track_id_missing", "time_unparsable")
NUMBERED = ("listener_wrong", "track_wrong", "time_unparsable")


@dataclass(frozen=True)
class Keys:
    """The keys of an entry, and the meaning of its time and weight."""

    listener: str
    track: str
    artist: str
    time: str
    weight: str = "1"


@dataclass(frozen=True)
class Format:
    """One external format.

    ``names`` is None where there is nothing to convert. ``read_counts`` reads counts without times.
    ``whole_number_ids``: listeners and tracks keep the numbers the source gave them. ``reasons``
    are those for which an entry can fail to be a play, besides ``same_file_twice``. ``fits`` tells
    from the first bytes of a file whether it is of the format, where names of files do not.
    """

    about: str
    names: Names | None = None
    read: Read | None = None
    read_counts: ReadCounts | None = None
    whole_number_ids: bool = False
    keys: Keys | None = None
    reasons: tuple[str, ...] = ()
    fits: Callable[[bytes], bool] | None = None
    is_fallback: bool = False  # recognised only where no other format is


FORMATS: Mapping[str, Format] = {
    "nested": Format(ABOUT["nested"]),
    "hetrec-2k": Format(
        ABOUT["hetrec-2k"],
        hetrec_2k.NAMES,
        read_counts=hetrec_2k.read,
        keys=Keys(
            "number", "there are none", "number", "there are none", "plays of an artist, from 1"
        ),
        reasons=(*LINE, "fields_wrong", "listener_wrong", "artist_wrong", "weight_wrong"),
    ),
    "lastfm-1k": Format(
        ABOUT["lastfm-1k"],
        lastfm_1k.NAMES,
        lastfm_1k.read,
        keys=Keys(
            "the first field",
            "the track's id; by `names`, artist and name where there is none",
            "the artist's id, else the name",
            "to the second",
        ),
        reasons=(*LINE[1:], *NAMED),
    ),
    "lastfm-csv": Format(
        ABOUT["lastfm-csv"],
        lastfm_csv.NAMES,
        lastfm_csv.read,
        keys=Keys(
            "`Username`; in an export of one account the setting, else the file's name, else the "
            "folder",
            "artist and name",
            "the name",
            "to the minute, or the second by `uts`",
        ),
        reasons=(*LINE, *NAMED, "same_play_twice", "overlaps_a_play"),
        fits=lastfm_csv.fits,
    ),
    "listenbrainz": Format(
        ABOUT["listenbrainz"],
        listenbrainz.NAMES,
        listenbrainz.read,
        keys=Keys(
            "`user_name`, else the one of `user.json`, else the setting",
            "the recording, mapped or submitted; by `names`, artist and name in any case",
            "the first MusicBrainz id, mapped or submitted, else the name; by `names`, the name of the "
            "first mapped artist, else the submitted one",
            "when it began, to the second",
        ),
        reasons=(
            *LINE[1:],
            *("json_malformed", "not_a_track", *NAMED[1:], "same_play_twice", "overlaps_a_play"),
        ),
        fits=lambda head: b'"track_metadata"' in head,
    ),
    "yambda": Format(
        ABOUT["yambda"],
        yambda.NAMES,
        yambda.read,
        whole_number_ids=True,
        keys=Keys(
            "`uid`",
            "`item_id`",
            "the smallest of `artist_item_mapping.parquet`",
            "in steps of five seconds, from 2024-01-01",
            "like 2, dislike -2; listen 1, or -1 below `formats.min_played_percent`",
        ),
        reasons=("blank", "listener_missing", *NUMBERED, "weight_wrong"),
    ),
    "yandex-event": Format(
        ABOUT["yandex-event"],
        yandex_event.NAMES,
        yandex_event.read,
        whole_number_ids=True,
        keys=Keys(
            "`userId`",
            "`itemId`",
            "there are none",
            "to the second",
            "like 2, play 1, skip -1, dislike -2",
        ),
        reasons=(
            *LINE,
            *("fields_wrong", "not_a_track", "event_unknown", "listener_missing", *NUMBERED),
        ),
    ),
    "spotify-export": Format(
        ABOUT["spotify-export"],
        spotify_export.NAMES,
        spotify_export.read,
        keys=Keys(
            "the setting, else `username`, else the folder that a person named",
            "the track's id; artist and name in the short history, and by `names`",
            "the name",
            "when it ended, to the second, or the minute in the short history",
            "1, or -1 below `formats.min_play_seconds` unless it reached the track's end",
        ),
        reasons=(
            *LINE[1:],
            *("json_malformed", "not_a_track", "track_id_missing", "time_unparsable"),
            *("weight_wrong", "same_play_twice", "overlaps_a_play"),
        ),
    ),
    "table": Format(
        ABOUT["table"],
        table.NAMES,
        table.read,
        keys=Keys(
            "its column (user, listener, account, customer ...), else the setting",
            "the column of its id (track_id, item, uri, product ...), else artist and name",
            "the name",
            "seconds or milliseconds since 1970, ISO 8601, or as `formats.time_format` says",
            "its column, else 1",
        ),
        reasons=(*LINE, *NAMED, "weight_wrong", "same_play_twice"),
        fits=table.fits,
        is_fallback=True,
    ),
}
