import pytest

from ritornello.errors import BadInputError
from sources.formats.outside_files import read_events, rejected, taken, write

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
    with pytest.raises(BadInputError, match="expected the header ',Username,Artist"):
        read_events(spark, "lastfm-csv", tmp_path)
