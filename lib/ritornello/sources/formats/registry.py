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
    yambda,
    yandex_event,
)
from ritornello.sources.inbox import Inbox, Names

ReadCounts = Callable[[SparkSession, Inbox], hetrec_2k.CountsReading]
Read = Callable[[SparkSession, Inbox, FormatSettings], Reading]


@dataclass(frozen=True)
class Format:
    """One outside format.

    ``names`` is None where there is nothing to convert. ``read_counts`` reads counts without times.
    ``whole_number_ids``: listeners and tracks keep the numbers the source gave them.
    """

    about: str
    names: Names | None = None
    read: Read | None = None
    read_counts: ReadCounts | None = None
    whole_number_ids: bool = False


FORMATS: Mapping[str, Format] = {
    "nested": Format("the project's own interactions.parquet and tracks.parquet"),
    "hetrec-2k": Format(
        "HetRec 2011 Last.fm: user_artists.dat and artists.dat, counts without times",
        hetrec_2k.NAMES,
        read_counts=hetrec_2k.read,
    ),
    "lastfm-1k": Format(
        "Last.fm-1K: userid-timestamp-artid-artname-traid-traname.tsv",
        lastfm_1k.NAMES,
        lastfm_1k.read,
    ),
    "lastfm-csv": Format(
        "a table of Last.fm plays: Last.fm_data.csv", lastfm_csv.NAMES, lastfm_csv.read
    ),
    "listenbrainz": Format(
        "ListenBrainz: listens, a JSON object a line or a list of them",
        listenbrainz.NAMES,
        listenbrainz.read,
    ),
    "yambda": Format(
        "Yambda, flat or sequential: listens.parquet, likes.parquet, dislikes.parquet",
        yambda.NAMES,
        yambda.read,
        whole_number_ids=True,
    ),
    "yandex-event": Format(
        "Yandex Music Event 2019-02-16: user_events",
        yandex_event.NAMES,
        yandex_event.read,
        whole_number_ids=True,
    ),
    "spotify-export": Format(
        "Spotify account exports: StreamingHistory*.json or Streaming_History_Audio_*.json, endsong*.json",
        spotify_export.NAMES,
        spotify_export.read,
    ),
}
