"""The formats by name, each in a line, without the code that reads them."""

from collections.abc import Mapping

ABOUT: Mapping[str, str] = {
    "nested": "the project's own interactions.parquet and tracks.parquet",
    "hetrec-2k": "HetRec 2011 Last.fm: user_artists.dat and artists.dat, counts without times",
    "lastfm-1k": "Last.fm-1K: userid-timestamp-artid-artname-traid-traname.tsv",
    "lastfm-csv": "tables of Last.fm plays as .csv: of many accounts, or of one by the common exporters",
    "listenbrainz": "ListenBrainz: listens, a JSON object a line or a list of them",
    "yambda": "Yambda, flat or sequential: listens.parquet, likes.parquet, dislikes.parquet",
    "yandex-event": "Yandex Music Event 2019-02-16: user_events",
    "spotify-export": (
        "Spotify account exports: StreamingHistory*.json or Streaming_History_Audio_*.json, "
        "endsong*.json"
    ),
    "table": "any table of plays, with columns in any order: CSV with a header, or Parquet",
}
