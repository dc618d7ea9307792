import json

import pytest

from ritornello.errors import BadInputError
from ritornello.sources.formats.listenbrainz import listen_of
from sources.formats.outside_files import read_events, rejected, taken, write


def listen(user="mira", at=1_709_283_600, track="Dusk", mapped=None, submitted=None):
    one = {
        "listened_at": at,
        "track_metadata": {
            "artist_name": "Tin Owls",
            "track_name": track,
            "additional_info": {"recording_mbid": submitted, "tracknumber": 3},
            "mbid_mapping": mapped and {"recording_mbid": mapped, "artist_mbids": ["owl-id"]},
        },
    }
    return json.dumps(one | ({"user_name": user} if user else {}))


LINES = [
    listen(mapped="m1", submitted="s1"),
    listen(submitted="s2", at="2024-03-01T10:00:00Z"),
    listen(at="2024-1-5 10:00:00"),
    listen(mapped="m1", at="2024-1-5 10:00:00"),
    listen(mapped="m1", at=None),
    listen(mapped="m1")[:-1],
    listen(user=None, mapped="m1"),
    listen(mapped="m1", track=" "),
    "",
    "[]",
]


def test_listens_are_known_by_their_recording(spark, tmp_path):
    write(tmp_path / "listens" / "2024.jsonl.gz", "\n".join(LINES))
    write(tmp_path / "listens" / "2023.listens", "\ufeff" + listen(user="jon", mapped="m1"))
    write(tmp_path / "user.json", '{"username": "mira"}')
    rows = read_events(spark, "listenbrainz", tmp_path)
    assert taken(rows) == [
        ("jon", "m1", "2024-03-01 09:00:00", 1),
        ("mira", "m1", "2024-03-01 09:00:00", 1),
        ("mira", "m1", "2024-03-01 09:00:00", 1),  # by user.json
        ("mira", "s2", "2024-03-01 10:00:00", 1),
    ]
    assert rejected(rows) == [
        ("listens/2024.jsonl.gz", 3, "track_id_missing"),
        ("listens/2024.jsonl.gz", 4, "time_unparsable"),
        ("listens/2024.jsonl.gz", 5, "time_unparsable"),
        ("listens/2024.jsonl.gz", 6, "json_malformed"),
        ("listens/2024.jsonl.gz", 8, "not_a_track"),
        ("listens/2024.jsonl.gz", 9, "blank"),
        ("listens/2024.jsonl.gz", 10, "json_malformed"),
    ]
    assert {row.artist_id for row in rows if row.track_key == "m1"} == {"owl-id"}
    assert {row.artist_id for row in rows if row.track_key == "s2"} == {"tin owls"}


def test_an_account_export_is_of_the_listener_named_by_the_settings(spark, tmp_path):
    lines = [listen(user=None), listen(user=None, mapped="m1"), listen(user="jon", mapped="m1")]
    write(tmp_path / "1.jsonl", "\n".join(lines))
    rows = read_events(spark, "listenbrainz", tmp_path, without_track_id="names", listener="mira")
    assert [(row.listener_key, row.track_key) for row in rows] == [
        ("mira", "Tin Owls\tDusk"),
        ("mira", "Tin Owls\tDusk"),
        ("jon", "Tin Owls\tDusk"),
    ]
    assert {row.artist_id for row in rows} == {"tin owls"}  # mapped or not
    assert [row.recording_key for row in rows] == [None, "m1", "m1"]


def test_other_json_is_refused(spark, tmp_path):
    write(tmp_path / "1.jsonl", '{"payload": {"listens": []}}\n')
    with pytest.raises(
        BadInputError, match=r"1.jsonl: refused: no line has the expected form: a listen with"
    ):
        read_events(spark, "listenbrainz", tmp_path)


@pytest.mark.parametrize(
    ("metadata", "recording", "artist"),
    [
        ({"additional_info": []}, None, None),
        ({"additional_info": "", "mbid_mapping": []}, None, None),
        ({"additional_info": {"recording_mbid": ["r1", "r2"]}}, "r1", None),
        ({"additional_info": {"recording_mbid": []}}, None, None),
        ({"additional_info": {"recording_mbid": {}}, "mbid_mapping": 7}, None, None),
        ({"additional_info": {"artist_mbids": "a1", "recording_mbid": "r1"}}, "r1", "a1"),
        ({"additional_info": {"artist_mbids": {}, "artist_mbid": "a1"}}, None, "a1"),
        ({"mbid_mapping": {"artist_mbids": [None], "recording_mbid": " "}}, None, None),
    ],
)
def test_a_field_of_another_type_is_unknown_and_the_listen_stays(metadata, recording, artist):
    fields = {"track_name": " Dusk", "artist_name": ["Tin Owls"]} | metadata
    text = json.dumps({"user_name": "mira", "listened_at": 5.0, "track_metadata": fields})
    names = ("Dusk", "Tin Owls")
    assert listen_of(text) == (True, "mira", "5", *names, recording, artist, None, None)


def test_what_is_no_object_and_what_is_no_text():
    for text in (None, "", "[]", "7", "[" * 100_000, '{"user_name": "mira"'):
        assert not listen_of(text)[0]
    title = '{"track_metadata": {"track_name": "[untitled]", "artist_name": "a\\ud800b"}}'
    assert listen_of(title)[3:5] == ("[untitled]", "a?b")
    assert listen_of('{"track_metadata": {"track_name": {"a": 1}, "artist_name": true}}')[3] is None


def test_a_listen_reported_by_two_clients_is_one_play(spark, tmp_path):
    at, lines = 1_709_283_600, []
    for later, length in ((0, None), (2, None), (31, None), (92, 200_000), (130, 200_000)):
        one = json.loads(listen(mapped="m1", at=at + later))
        one["track_metadata"]["additional_info"]["duration_ms"] = length
        lines.append(json.dumps(one))
    write(tmp_path / "1.jsonl", "\n".join(lines))
    rows = read_events(spark, "listenbrainz", tmp_path)
    assert [row.line for row in rows if row.reason == "overlaps_a_play"] == [2, 3, 4, 5]
    assert len(taken(rows)) == 1


def test_guests_of_a_mapped_listen_make_no_other_artist(spark, tmp_path):
    one = json.loads(listen(mapped="m1"))
    one["track_metadata"]["artist_name"] = "Tin Owls feat. Moss"
    one["track_metadata"]["mbid_mapping"]["artists"] = [{"artist_credit_name": "Tin Owls"}, 7]
    write(tmp_path / "1.jsonl", json.dumps(one))
    row = read_events(spark, "listenbrainz", tmp_path, without_track_id="names")[0]
    assert (row.track_key, row.artist_id) == ("Tin Owls feat. Moss\tDusk", "tin owls")
    assert row.artist_name == "Tin Owls"
