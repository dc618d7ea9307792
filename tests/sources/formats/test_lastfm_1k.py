import gzip

import pytest

from ritornello.errors import BadInputError, UsageError
from ritornello.sources.nested_parquet import open_delivery
from sources.formats.outside_files import Converted, read_events, write

NAME = "userid-timestamp-artid-artname-traid-traname.tsv"


def line(
    user="user_02", at="2009-05-04T23:08:57Z", artist=("a1", "Tin Owls"), track=("t1", "Dusk")
):
    return "\t".join((user, at, *artist, *track))


LINES = [
    line(),
    line(user="user_01", track=("t2", "Straße")),
    line(at="2009-05-04T23:08:57"),  # no Z
    "user_01\tonly two",
    line(track=("", "No Id")),
    "",
    line(track=("t1", "Dusk (Live)"), at="2009-05-05T00:00:00Z"),  # a rarer name of t1
    line(track=("t1", "Dusk"), at="2009-05-06T00:00:00Z"),
    line(track=(" ", "No Id"), artist=("", "")),  # no name to be known by either
    line(user=" "),
    line(at="2009-13-04T00:00:00Z"),
    line(artist=("", "Moss"), track=("t3", "Fern")),  # the name stands for the id
]
FIRST = b"\xef\xbb\xbf" + "\n".join(LINES).encode() + b"\n" + line().encode() + b"\xff\r\n"
SECOND = "".join(line(at=f"2010-01-01T00:{n:02d}:00Z") + "\r\n" for n in range(60)) + "broken"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("lastfm 1k")
    write(root / NAME, FIRST)
    write(root / NAME.replace(".tsv", "-more.tsv.gz"), SECOND)
    write(root / NAME.replace(".tsv", "-same.tsv"), SECOND.replace("\r\n", "\n"))
    write(root / "userid-profile.tsv", "#id\tgender\n")
    return root


@pytest.fixture(scope="module")
def converted(spark, folder, tmp_path_factory):
    """In splits of 700 bytes: lines end in other splits than they begin in."""
    before = spark.conf.get("spark.sql.files.maxPartitionBytes")
    spark.conf.set("spark.sql.files.maxPartitionBytes", "700")
    try:
        yield Converted(spark, "lastfm-1k", folder, tmp_path_factory.mktemp("out"))
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", before)


def test_lines_with_a_track_id_are_plays(converted):
    assert [one for one in converted.plays() if one[2] < "2010"] == [
        ("user_01", "t2", "2009-05-04 23:08:57", 1),
        ("user_02", "t1", "2009-05-04 23:08:57", 1),
        ("user_02", "t1", "2009-05-05 00:00:00", 1),
        ("user_02", "t1", "2009-05-06 00:00:00", 1),
        ("user_02", "t3", "2009-05-04 23:08:57", 1),
    ]
    assert len(converted.plays()) == 65


def test_ids_follow_the_keys_and_names_are_the_most_frequent(converted):
    assert converted.listeners() == {"user_01": 0, "user_02": 1}
    tracks = converted.tracks()
    assert {key: row.track_index for key, row in tracks.items()} == {"t1": 0, "t2": 1, "t3": 2}
    assert (tracks["t1"].track_name, tracks["t1"].track_count) == ("Dusk", 63)
    assert (tracks["t2"].track_name, tracks["t2"].artist_id) == ("Straße", "a1")
    assert (tracks["t3"].artist_name, tracks["t3"].artist_id) == ("Moss", "moss")


def test_every_other_line_is_in_the_quarantine_with_its_number(converted):
    quarantine = converted.quarantine()
    assert [one for one in quarantine if one[0] == NAME] == [
        (NAME, 3, "time_unparsable"),
        (NAME, 4, "fields_wrong"),
        (NAME, 5, "track_id_missing"),
        (NAME, 9, "track_id_missing"),
        (NAME, 10, "listener_missing"),
        (NAME, 11, "time_unparsable"),
        (NAME, 13, "encoding_wrong"),
    ]
    more, same = (NAME.replace(".tsv", end) for end in ("-more.tsv.gz", "-same.tsv"))
    assert [one for one in quarantine if one[0] == more] == [(more, 61, "fields_wrong")]
    assert [one for one in quarantine if one[0] == same] == [
        (same, n, "same_file_twice") for n in range(1, 62)
    ]
    texts = {(row.file, row.line): row.text for row in converted.rows("quarantine")}
    assert texts[(NAME, 4)] == "user_01\tonly two"
    assert texts[(NAME, 13)].endswith("�")
    assert texts[(same, 60)] == line(at="2010-01-01T00:59:00Z")


def test_the_ledger_balances_and_is_told(converted):
    assert f"{NAME}: 13 entries = 5 plays + 7 quarantined + 1 header or blank" in converted.printed
    assert "3 files: 135 entries = 65 plays + 69 quarantined + 1" in converted.printed
    assert "same_file_twice                61" in converted.printed
    assert converted.sentence.startswith("65 plays of 3 tracks by 2 listeners are in ")


def test_the_strict_import_takes_it(spark, converted):
    delivery = open_delivery(spark, converted.out)
    assert delivery.has_artists
    assert sum(one.rows for one in delivery.interactions) == 2


def test_tracks_without_an_id_may_be_known_by_name_in_any_splits(spark, folder):
    named = read_events(spark, "lastfm-1k", folder, without_track_id="names")
    told = {row.line: row for row in named if row.file == NAME}
    assert (told[5].track_key, told[5].reason) == ("Tin Owls\tNo Id", None)
    assert (told[9].reason, told[13].reason) == ("track_id_missing", "encoding_wrong")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b,c\n1,2,3\n", "no line has the expected form: six tab-separated fields"),
        ("", "the file is empty"),
        (gzip.compress(line().encode() * 90, mtime=0)[:-30], "damaged or cannot be read"),
    ],
)
def test_what_is_not_of_this_format_stops_with_its_name(spark, tmp_path, content, told):
    path = tmp_path / "in" / (NAME + (".gz" if isinstance(content, bytes) else ""))
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInputError, match=told) as raised:
        Converted(spark, "lastfm-1k", tmp_path / "in", tmp_path / "out")
    assert path.name in str(raised.value)


def test_a_folder_without_the_file_and_an_output_within_are_refused(spark, tmp_path):
    write(tmp_path / "in" / "other.csv", "x")
    with pytest.raises(
        BadInputError, match=r"expected userid-timestamp.*; other.csv: ignored: its name is"
    ):
        Converted(spark, "lastfm-1k", tmp_path / "in", tmp_path / "out")
    with pytest.raises(BadInputError, match="there is no such folder"):
        Converted(spark, "lastfm-1k", tmp_path / "no", tmp_path / "out")
    with pytest.raises(UsageError, match="lies in --input"):
        Converted(spark, "lastfm-1k", tmp_path / "in", tmp_path / "in" / "out")
    with pytest.raises(UsageError, match="run import-plays with this folder"):
        Converted(spark, "nested", tmp_path / "in", tmp_path / "out")
