import pytest

from ritornello.errors import BadInputError
from ritornello.sources.formats.lastfm_csv import file_owner
from sources.formats.outside_files import read_events, rejected, taken, write

QUOTED = '","'
HEADER = ",Username,Artist,Track,Album,Date,Time"
LINES = [
    HEADER,
    "0,mira,Tin Owls,Dusk,,01 Feb 2024,22:02",
    '1,jon,"Owls, Tin","The ""Long"" Dusk",An Album,31 Jan 2024, 09:05',
    "2,jon,Tin Owls,Dusk,,31 Feb 2024,22:02",
    "3,jon,Tin Owls,Dusk,31 Jan 2024,22:02",
    "4,,Tin Owls,Dusk,,01 Feb 2024,22:02",
    "5,jon,Tin Owls,,,01 Feb 2024,22:02",
    '6,jon,"A name',
    'in two lines",Dusk,,01 Feb 2024,22:02',
    "7,jon,Tin Owls,Dusk,,01 Feb 2024,",
]


@pytest.mark.parametrize("name", ["Last.fm_data.csv", "Last.fm_data.csv.gz"])
def test_quoted_names_are_read_and_broken_lines_told(spark, tmp_path, name):
    path = write(tmp_path / name, "\ufeff" + "\r\n".join(LINES) + "\r\n")
    rows = read_events(spark, "lastfm-csv", path)  # a file instead of its folder
    assert taken(rows) == [
        ("jon", 'Owls, Tin\tThe "Long" Dusk', "2024-01-31 09:05:00", 1),
        ("mira", "Tin Owls\tDusk", "2024-02-01 22:02:00", 1),
    ]
    assert rejected(rows) == [
        (name, 1, "header"),
        (name, 4, "time_unparsable"),
        (name, 5, "fields_wrong"),
        (name, 6, "listener_missing"),
        (name, 7, "track_id_missing"),
        (name, 8, "fields_wrong"),
        (name, 9, "fields_wrong"),
        (name, 10, "time_unparsable"),
    ]


def test_another_header_is_refused(spark, tmp_path):
    write(tmp_path / "Last.fm_data.csv", "Username,Artist,Track,Album,Date,Time\n")
    with pytest.raises(BadInputError, match="one of the headers ',Username,Artist"):
        read_events(spark, "lastfm-csv", tmp_path)


BY_SECOND = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid"
SECONDS = [
    BY_SECOND,
    '"1706824920","01 Feb 2024, 22:02","Tin Owls","x","","","The ""Long"" Dusk",""',
    '"","01 Feb 2024, 22:02","Tin Owls","","","","Dusk",""',
]
BARE = ["Tin Owls,An Album,Dusk,01 Feb 2024 22:02", "Tin Owls,,Dusk,31 Feb 2024 22:02", "Tin Owls"]


def test_exports_of_one_account_are_of_the_listener_in_the_files_name(spark, tmp_path):
    write(tmp_path / "recenttracks-mira-1700000000.csv", "\n".join(SECONDS))
    write(
        tmp_path / "recenttracks-quoted.csv",
        "\n".join([f'"{BY_SECOND.replace(",", QUOTED)}"', SECONDS[1]]),
    )
    write(tmp_path / "jon.csv", "\n".join(BARE))
    rows = read_events(spark, "lastfm-csv", tmp_path)
    assert taken(rows) == [
        ("jon", "Tin Owls\tDusk", "2024-02-01 22:02:00", 1),
        ("mira", 'Tin Owls\tThe "Long" Dusk', "2024-02-01 22:02:00", 1),
        ("quoted", 'Tin Owls\tThe "Long" Dusk', "2024-02-01 22:02:00", 1),
    ]
    assert rejected(rows) == [
        ("jon.csv", 2, "time_unparsable"),
        ("jon.csv", 3, "fields_wrong"),
        ("recenttracks-mira-1700000000.csv", 1, "header"),
        ("recenttracks-mira-1700000000.csv", 3, "time_unparsable"),
        ("recenttracks-quoted.csv", 1, "header"),
    ]
    assert {
        row.listener_key
        for row in read_events(spark, "lastfm-csv", tmp_path / "jon.csv", listener="ada")
        if not row.reason
    } == {"ada"}


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("recenttracks-mi-ra-1700000000.csv", "mi-ra"),
        ("scrobbles_mira.csv.gz", "mira"),
        ("a/2024.csv", "2024"),
        ("kim/lastfm.csv", "kim"),
        ("kim/recenttracks-1700000000.csv", "kim"),
        ("lastfm.csv", "home"),
        ("recenttracks-mira-1700000000 (1).csv", "mira"),
        ("mira (2).csv.gz", "mira"),
        ("mira - copy.csv", "mira"),
        ("1234567.csv", "1234567"),
        ("jon-20011231.csv", "jon-20011231"),
        ("scrobbles-jon-20011231.csv", "jon-20011231"),
    ],
)
def test_a_file_named_by_the_exporter_alone_is_of_its_folder(name, owner):
    assert file_owner(name, root="/data/home") == owner


def test_a_single_file_is_of_the_folder_it_lies_in(tmp_path):
    file = tmp_path / "kim" / "lastfm.csv"
    assert file_owner(file.name, root=str(file)) == "kim"


def test_two_exports_of_one_account_that_repeat_each_other_are_refused(spark, tmp_path):
    write(tmp_path / "mira.csv", "Tin Owls,,Dusk,01 Feb 2024 22:02\n")
    write(tmp_path / "recenttracks-mira-1700000000.csv", "\n".join(SECONDS[:2]))
    with pytest.raises(BadInputError, match="to the minute and one to the second of one listener"):
        read_events(spark, "lastfm-csv", tmp_path)
    (tmp_path / "mira.csv").rename(tmp_path / "jon.csv")
    rows = read_events(spark, "lastfm-csv", tmp_path)
    assert {row.listener_key for row in rows} == {"jon", "mira"}
