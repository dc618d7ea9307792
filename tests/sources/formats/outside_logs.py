"""One log of listening, written as files of any format: whole, or in parts of any order."""

import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sources.formats.outside_files import write

START = datetime(2024, 2, 1, 12, tzinfo=UTC)


class Entry(NamedTuple):
    """One play; its minute is its own in the whole log."""

    minute: int
    listener: int
    artist: str
    track: str
    id: int

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minute)


NAMES = [  # (artist, track, number); spellings of one song share a number, but for case
    ("Nína Fjord", "Vetrarsól", 2),
    ("Ni\u0301na Fjord", "Vetrarso\u0301l", 2),  # letters and accents apart
    ("nína  fjord", "VETRARSÓL ", 4),
    ("Nína\u00a0Fjord", "Vetrar\u200bsól", 2),
    ("Straßenchor", "Heim", 3),
    ("STRASSENCHOR", "heim", 5),
    ("Kelp & Co", "Tide Table", 1),  # the first in any order
]
LOG = [
    Entry(minute, minute % 3, *NAMES[minute * 5 % len(NAMES)]) for minute in range(3 * len(NAMES))
]
Writer = Callable[[Path, list[Entry], str], None]


def lastfm_1k(root: Path, rows: list[Entry], part: str) -> None:
    lines = [
        f"user_{one.listener}\t{one.at:%Y-%m-%dT%H:%M:%SZ}\t\t{one.artist}\t\t{one.track}"
        for one in rows
    ]
    write(root / f"userid-timestamp-artid-artname-traid-traname{part}.tsv.gz", "\n".join(lines))


def lastfm_csv(root: Path, rows: list[Entry], part: str) -> None:
    lines = [
        f"{n},user_{one.listener},{one.artist},{one.track},,{one.at:%d %b %Y},{one.at:%H:%M}"
        for n, one in enumerate(rows)
    ]
    header = ",Username,Artist,Track,Album,Date,Time"
    write(root / f"part{part}" / "Last.fm_data.csv", "\n".join([header, *lines]))


def lastfm_accounts(root: Path, rows: list[Entry], part: str) -> None:
    """A file for each listener, by one exporter for even ones and by another for odd ones."""
    for listener in sorted({one.listener for one in rows}):
        plays = [one for one in rows if one.listener == listener]
        if listener % 2:
            lines = [f"{one.artist},,{one.track},{one.at:%d %b %Y %H:%M}" for one in plays]
        else:
            lines = ["uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid"]
            lines += [
                f'"{one.at.timestamp():.0f}","","{one.artist}","","","","{one.track}",""'
                for one in plays
            ]
        name = (
            f"user_{listener}.csv"
            if listener % 2
            else f"recenttracks-user_{listener}-1700000000.csv"
        )
        write(root / f"part{part}" / name, "\n".join(lines))


def listenbrainz(root: Path, rows: list[Entry], part: str) -> None:
    listens = [
        {
            "user_name": f"user_{one.listener}",
            "listened_at": int(one.at.timestamp()),
            "track_metadata": {"artist_name": one.artist, "track_name": one.track},
        }
        for one in rows
    ]
    if len(part) % 2:  # a list in some files, an object a line in others
        write(root / f"listens{part}.json", json.dumps(listens))
    else:
        write(root / f"listens{part}.jsonl", "\n".join(map(json.dumps, listens)))


def yandex_event(root: Path, rows: list[Entry], part: str) -> None:
    lines = [f"{70 + one.listener},track,{one.id},play,{int(one.at.timestamp())}" for one in rows]
    header = "userId,itemType,itemId,event,unixtime"
    write(root / f"user_events{part}.csv", "\n".join([header, *lines]))


def table(root: Path, rows: list[Entry], part: str) -> None:
    """CSV of some parts, Parquet of others, columns in another order."""
    if len(part) % 2 == 0:
        lines = [
            f"{one.at.isoformat()};{one.track};{one.artist};user_{one.listener}" for one in rows
        ]
        write(root / f"plays{part}.csv", "\n".join(["played_at;title;artist;user_id", *lines]))
        return
    columns = {
        "User": [f"user_{one.listener}" for one in rows],
        "Artist Name": [one.artist for one in rows],
        "Track Name": [one.track for one in rows],
        "timestamp": pa.array([one.at for one in rows], pa.timestamp("us", tz="UTC")),
    }
    root.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), root / f"plays{part}.parquet")


def yambda(root: Path, rows: list[Entry], part: str) -> None:
    columns = {
        "uid": [70 + one.listener for one in rows],
        "timestamp": [one.minute * 60 for one in rows],
        "item_id": [one.id for one in rows],
        "played_ratio_pct": [100 for _ in rows],
    }
    folder = root / "listens.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"part{part}.parquet")


def _account_files(
    root: Path, rows: list[Entry], part: str, name: str, element: Callable[[Entry], dict]
) -> None:
    """A folder for each listener, below it what the service makes: folders, archives, copies."""
    for listener in sorted({one.listener for one in rows}):
        plays = json.dumps([element(one) for one in rows if one.listener == listener])
        person = root / f"person {listener}"
        if len(part) % 2:
            person.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(person / f"my_spotify_data (1){part}.zip", "w") as archive:
                archive.writestr(f"Spotify Account Data/{name}{part}.json", plays)
        else:
            below = root / f"my_spotify_data{part}" / person.name / "MyData"
            write(below / f"{name}{part}.json", plays)


def spotify_short(root: Path, rows: list[Entry], part: str) -> None:
    def element(one: Entry) -> dict:
        at = f"{one.at:%Y-%m-%d %H:%M}"
        return {
            "endTime": at,
            "artistName": one.artist,
            "trackName": one.track,
            "msPlayed": 99_000,
        }

    _account_files(root, rows, part, "StreamingHistory_music", element)


def spotify_extended(root: Path, rows: list[Entry], part: str) -> None:
    def element(one: Entry) -> dict:
        return {
            "ts": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
            "username": f"account{one.listener}",
            "ms_played": 99_000,
            "master_metadata_track_name": one.track,
            "master_metadata_album_artist_name": one.artist,
            "spotify_track_uri": f"spotify:track:t{one.id}",
        }

    _account_files(root, rows, part, "Streaming_History_Audio", element)


WRITERS: dict[str, tuple[str, Writer]] = {
    "lastfm-1k": ("lastfm-1k", lastfm_1k),
    "lastfm-csv": ("lastfm-csv", lastfm_csv),
    "lastfm-csv of one account": ("lastfm-csv", lastfm_accounts),
    "listenbrainz": ("listenbrainz", listenbrainz),
    "yandex-event": ("yandex-event", yandex_event),
    "table": ("table", table),
    "yambda": ("yambda", yambda),
    "short history": ("spotify-export", spotify_short),
    "extended history": ("spotify-export", spotify_extended),
}


def write_parts(
    write_one: Writer, root: Path, *, seed: int, parts: int, complete: bool = True
) -> None:
    """Write the log, shuffled, to some files of changing names.

    Unless it is complete, the song and the listener are missing that come first in any order.
    """
    rows = [one for one in LOG if complete or (one.id != 1 and one.listener != 0)]
    random.Random(seed).shuffle(rows)
    for number in range(parts):
        write_one(root, rows[number::parts], "_" * (1 + (seed + number) % 4) + str(number))
