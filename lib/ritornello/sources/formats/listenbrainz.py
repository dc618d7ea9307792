"""ListenBrainz dumps and account exports: JSON objects by line, or a list.

A track is known by its MusicBrainz recording: the mapped one, else the submitted one. Where names
count (``formats.without_track_id: names``), every listen is known by the artist and title that were
submitted, because a listen is mapped days or years later, or never; the recording then only says which
tracks are the same. Listens of an account export do not say whose they are: the export's ``user.json``
does, else the setting ``formats.listener``.
"""

import json
from collections.abc import Iterator, Mapping

import pandas as pd
from py4j.protocol import Py4JJavaError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from ritornello.arrow import batch_udf
from ritornello.identity.name_keys import artist_key, name_key
from ritornello.settings.intake import FormatSettings
from ritornello.sources.archives import Staging, first_text
from ritornello.sources.entries import (
    Entries,
    Reading,
    as_events,
    is_utf8,
    seconds_since_1970,
    without_overlaps,
    without_repeats,
)
from ritornello.sources.files import InputFile
from ritornello.sources.formats.json_lists import read_elements
from ritornello.sources.inbox import Inbox, Names, anywhere
from ritornello.sources.left_out import ignored
from ritornello.sources.lines import Layout, read_lines

NAMES = Names(
    anywhere(r".+\.(listens|jsonl|ndjson|json)(\.gz)?"),
    "listens as .jsonl, .ndjson, .listens or .json, plain, .gz or in a zip",
    {
        anywhere(r"feedback.*\.jsonl?"): "loved and hated recordings, not listens",
        anywhere(r"pinned_recordings?.*\.jsonl?"): "pinned recordings, not listens",
    },
)
LISTEN = (
    "is_object boolean, user_name string, listened_at string, track_name string, "
    "artist_name string, recording_mbid string, artist_mbid string, "
    "credited_name string, duration_ms string"
)
ISO_TIME = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$"
REQUIRED = "$.track_metadata.track_name"


def read(spark: SparkSession, inbox: Inbox, settings: FormatSettings) -> Reading:
    """Read one event per listen, each with weight 1."""
    users = [one for one in inbox.files if one.name.rpartition("/")[2].lower() == "user.json"]
    accounts = {one.name: _account(one, inbox.staging) for one in users}
    named = tuple(ignored(name, _whose(account)) for name, account in accounts.items())
    listens = inbox.without(named)
    entries = _entries(spark, listens, file_accounts(listens.files, accounts))
    listens.without(entries.left_out)
    text = F.when(is_utf8("text"), F.col("text"))
    parsed = entries.frame.withColumn("_listen", batch_udf(_listens, LISTEN)(text))
    columns = ("file", "line", "text", "copy_of", "owner", "fault", "_listen")
    events = as_events(parsed.select(*columns, *_columns(settings)), _faults())
    once = without_overlaps(without_repeats(events, entries.counted))
    return Reading(once, entries.counted, (*named, *entries.left_out))


def file_accounts(
    files: tuple[InputFile, ...], accounts: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Map each file to the account of the nearest ``user.json`` above it."""
    by_folder = {name.rpartition("/")[0]: account for name, account in accounts.items()}
    of_file: dict[str, str | None] = {}
    for file in files:
        folder = file.name
        while folder and file.name not in of_file:
            folder = folder.rpartition("/")[0]
            if folder in by_folder:
                of_file[file.name] = by_folder[folder]
        of_file.setdefault(file.name, None)
    return of_file


def _account(file: InputFile, staging: Staging) -> str | None:
    """Read the account's name in ``user.json``, or None."""
    try:
        user = json.loads(first_text(file, staging))
    except (ValueError, RecursionError, Py4JJavaError):
        return None
    names = [user.get(key) for key in ("user_name", "username")] if isinstance(user, dict) else []
    return next((one.strip() for one in names if isinstance(one, str) and one.strip()), None)


def _whose(account: str | None) -> str:
    return (
        f"no listens; they are of {account}"
        if account
        else "no listens, and no user_name that says whose the others are"
    )


def _entries(spark: SparkSession, inbox: Inbox, owners: Mapping[str, str | None]) -> Entries:
    """Read listens from lines or lists, by the first sign of each file.

    ``owner`` is the account of ``user.json``, and ``fault`` what is wrong with an element of a list.
    """
    lists = [one for one in inbox.files if first_text(one, inbox.staging)[:1] == b"["]
    in_lists = {one.name for one in lists}
    lines = [one for one in inbox.files if one.name not in in_lists]
    readings = []
    if lines:
        fits = F.get_json_object("text", REQUIRED).isNotNull()
        layout = Layout("a listen with track_metadata on each line", fits=fits)
        readings.append(read_lines(spark, lines, layout, owners=owners))
    if lists:
        required = {REQUIRED: "track_metadata"}
        readings.append(read_elements(spark, lists, required=required, owners=lambda _: owners))
    frames = [_with_fault(one.frame) for one in readings]
    return Entries(
        frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1]),
        {name: entries for one in readings for name, entries in one.counted.items()},
        tuple(file for one in readings for file in one.left_out),
    )


def _with_fault(entries: DataFrame) -> DataFrame:
    fault = F.col("fault") if "fault" in entries.columns else F.lit(None).cast("string")
    return entries.withColumn("fault", fault)


def _faults() -> dict[str, Column]:
    return {
        "blank": (F.trim("text") == "") | (F.col("fault") == "blank"),
        "encoding_wrong": ~is_utf8("text") | (F.col("fault") == "encoding_wrong"),
        "json_malformed": ~F.col("_listen.is_object") | (F.col("fault") == "json_malformed"),
        "not_a_track": F.col("track_name").isNull(),
        "listener_missing": F.col("listener_key").isNull(),
        "track_id_missing": F.col("track_key").isNull(),
        "time_unparsable": F.col("played_at").isNull(),
    }


def _columns(settings: FormatSettings) -> list[Column]:
    artist, track = F.col("_listen.artist_name"), F.col("_listen.track_name")
    recording = F.col("_listen.recording_mbid")
    of_track, of_artist = recording, F.coalesce("_listen.artist_mbid", artist_key(artist))
    if settings.without_track_id == "names":
        credited = F.coalesce("_listen.credited_name", artist)
        of_track, of_artist = F.coalesce(name_key(artist, track), recording), artist_key(credited)
        artist = credited
    digits = F.col("_listen.duration_ms")
    length = F.when(digits.rlike(r"^\d{1,9}$"), digits.cast("bigint"))
    listener = (F.col("_listen.user_name"), F.col("owner"), F.lit(settings.listener))
    return [
        F.coalesce(*listener).alias("listener_key"),
        of_track.alias("track_key"),
        _time(F.col("_listen.listened_at")).alias("played_at"),
        F.lit(1).alias("weight"),
        track.alias("track_name"),
        artist.alias("artist_name"),
        of_artist.alias("artist_id"),
        recording.alias("recording_key"),
        F.when(length > 0, length).alias("duration_ms"),
        _least_gap(length, settings).alias("least_gap"),
    ]


def _least_gap(length: Column, settings: FormatSettings) -> Column:
    """Return the shortest true time between two listens of the track.

    It is half the track, at most four minutes, because clients report a listen when that much was
    heard. Where no length is known, it is the setting.
    """
    seconds = length / 1000
    heard = F.when(seconds > 0, F.least(seconds / 2, F.lit(240)))
    return F.coalesce(heard, F.lit(settings.min_play_seconds))


def listen_of(text: str | None) -> tuple[bool, *tuple[str | None, ...]]:
    """Read the fields of one listen, in the order of ``LISTEN``.

    A field of another type than usual is unknown, and a list counts as its first element, so that
    no listen is lost for a field that nothing reads.
    """
    try:
        listen = json.loads(text or "")
    except (ValueError, RecursionError):
        listen = None
    if not isinstance(listen, dict):
        return (False, *[None] * 8)
    track = _fields(listen.get("track_metadata"))
    mapped, sent = _fields(track.get("mbid_mapping")), _fields(track.get("additional_info"))
    artists = (mapped.get("artist_mbids"), sent.get("artist_mbids"), sent.get("artist_mbid"))
    return (
        True,
        _first_text(listen.get("user_name")),
        _first_text(listen.get("listened_at"), listen.get("timestamp")),
        _first_text(track.get("track_name")),
        _first_text(track.get("artist_name")),
        _first_text(mapped.get("recording_mbid"), sent.get("recording_mbid")),
        _first_text(*artists),
        _first_text(_first_fields(mapped.get("artists")).get("artist_credit_name")),
        _first_text(sent.get("duration_ms")),
    )


def _fields(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _first_fields(value: object) -> dict[str, object]:
    return _fields(value[0] if isinstance(value, list) and value else None)


def _first_text(*values: object) -> str | None:
    """Return the first value with a text or whole number, trimmed."""
    for value in values:
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, float) and one.is_integer():
            one = int(one)
        if isinstance(one, int) and not isinstance(one, bool):
            return str(one)
        if isinstance(one, str) and one.strip():
            return (
                one.strip().encode(errors="replace").decode()
            )  # half a surrogate pair is not text
    return None


def _listens(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
    names = [field.split()[0] for field in LISTEN.split(", ")]
    for texts in batches:
        yield pd.DataFrame([listen_of(text) for text in texts], columns=names, dtype=object)


def _time(text: Column) -> Column:
    """Read seconds since 1970 or an ISO time.

    A time without a zone is UTC.
    """
    iso = F.when(text.rlike(ISO_TIME), F.try_to_timestamp(text))
    return F.coalesce(seconds_since_1970(text), iso)
