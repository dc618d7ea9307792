"""Instants that no table can hold are quarantined in every format."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.formats.outside_files import Converted, write

GOOD = "2024-02-01"
NAME = "userid-timestamp-artid-artname-traid-traname.tsv"
LISTEN = '{"user_name": "u", "listened_at": %s, "track_metadata": {"artist_name": "K", "track_name": "T"}}'
SHORT = '{"endTime": "%s", "artistName": "K", "trackName": "T", "msPlayed": 99000}'


def lastfm_1k(root):
    days = (GOOD, "0001-01-01", "1899-12-31", "9999-12-31", "10000-01-01")
    lines = [f"u\t{day}T23:59:59Z\t\tK\tt\tT" for day in days]
    write(root / NAME, "\n".join(lines))
    return 2


def lastfm_csv(root):
    days = ("01 Feb 2024", "01 Jan 0001", "31 Dec 1899", "01 Jan 20240")
    lines = [f"{n},u,K,T,,{day},10:00" for n, day in enumerate(days)]
    write(root / "Last.fm_data.csv", "\n".join([",Username,Artist,Track,Album,Date,Time", *lines]))
    return 1


def listenbrainz(root):
    times = (
        "1700000000",
        '"0001-01-01T00:00:00Z"',
        '"9999-12-31T23:59:59-10:00"',  # in the year 10000
        "-62135596800",
        "99999999999",  # the year 5138
        "999999999999999999",
        "1e300",
    )
    write(root / "1.jsonl", "\n".join(LISTEN % one for one in times))
    return 2


def spotify_export(root):
    times = ("2024-02-01 10:00", "0001-01-01 00:00", "1582-10-10 00:00", "99999-01-01 00:00")
    write(root / "StreamingHistory0.json", "[" + ",".join(SHORT % one for one in times) + "]")
    return 1


def yandex_event(root):
    times = (1550000000, -62135596800, 10**11, 2**63)
    lines = [f"7,track,30,play,{one}" for one in times]
    write(root / "user_events", "\n".join(["userId,itemType,itemId,event,unixtime", *lines]))
    return 1


def yambda(root):
    times = [0, -1, 2**62, -(2**62), 10**12]
    columns = {"uid": [1] * 5, "timestamp": times, "item_id": [2] * 5, "played_ratio_pct": [99] * 5}
    root.mkdir()
    pq.write_table(pa.table(columns), root / "listens.parquet")
    return 1


@pytest.mark.parametrize(
    "write_log", [lastfm_1k, lastfm_csv, listenbrainz, spotify_export, yandex_event, yambda]
)
def test_an_instant_that_no_table_can_hold_is_quarantined(spark, tmp_path, write_log):
    plays = write_log(tmp_path / "in")
    name = write_log.__name__.replace("_", "-")
    converted = Converted(spark, name, tmp_path / "in", tmp_path / "out", without_track_id="names")
    assert len(converted.plays()) == plays
    quarantined = converted.quarantine()
    assert quarantined
    assert {reason for _, _, reason in quarantined} == {"time_unparsable"}
