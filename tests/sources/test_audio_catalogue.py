"""The strict reader of artists.csv and tracks.csv: gaps stay null, broken lines keep their place."""

from collections import Counter
from datetime import date

import pytest

from ritornello.errors import BadInputError
from ritornello.sources.audio_catalogue import ARTISTS, TRACKS, read_catalogue
from ritornello.sources.audio_values import read_list
from sources.formats.outside_files import rejected, write

ARTIST_LINES = [
    ARTISTS.header,
    'a1,12.0,"[\'dusk pop\', ""owls\' rock""]","Owls, Tin",81.0',
    "a2,,[],Möss,",  # nothing known but the name
    "a3,,,No Genres,5",
    ",,[],No Id,1",
    "a4,,\"['x', 7]\",Number In List,1",
    "a5,,['x',Open List,1",
    "a6,NaN,[],Not A Number,1",
    "a7,,[],Too Popular,101",
    "a8,,[],Too,Many,1",
    "a1,,[],Again,1",
    '"a9,,[],Open Quote,1',
    "",
    "a10,,[],,",  # no name: still an artist that tracks can name
]
AUDIO = "0.858,0.825,7.0,-9.412,1.0,0.0515,3.44e-03,0.182,0.27,0.466,109.99,4.0"
UNKNOWN = "0.1,0.2,-1,-5,,,,,,0.5,0.0,0"
TRACK_LINES = [
    TRACKS.header,
    f"t1,\"Dusk, Long\",41.0,235440.0,True,\"['Owls, Tin', 'Möss']\",\"['a1', 'a2']\",2001-02-28,{AUDIO}",
    f"t2,,,,,['Möss'],['a2'],2001,{UNKNOWN}",  # unknown as the source writes it
    f"t3,M,,,0,['Möss'],['a2'],2004-02,{UNKNOWN}",
    f"t4,M,,,,['Möss'],\"['a1', 'a2']\",,{AUDIO}",  # fewer names than ids
    f"t5,M,,,,['Möss'],['a2'],2001-02-30,{AUDIO}",
    f"t6,M,,,,['Möss'],['a2'],,{AUDIO.replace('7.0', '7.5')}",
    f"t7,M,,,,['Möss'],['a2'],,{AUDIO.replace('0.858', '1.2')}",
    f"t8,M,,,,['Möss'],[''],,{AUDIO}",
    f"t1,M,,,,['Möss'],['a2'],,{AUDIO}",
    f"t9,M,,,2,['Möss'],['a2'],,{AUDIO}",
]


@pytest.fixture(scope="module")
def reading(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    write(folder / "artists.csv.gz", "\n".join(ARTIST_LINES) + "\n")
    write(folder / "tracks.csv", "\r\n".join(TRACK_LINES) + "\r\n")
    write(folder / "aliases.csv", "alias,name\nTin O.,Tin Owls\n,Nobody\n")
    return read_catalogue(spark, str(folder))


def rows_of(frame) -> list:
    return sorted(frame.collect(), key=lambda row: row.line)


def test_artists_and_their_broken_lines(reading):
    rows = rows_of(reading.artists)
    assert [tuple(row[4:]) for row in rows if row.reason is None] == [
        ("a1", "Owls, Tin", 12, ["dusk pop", "owls' rock"], 81.0),
        ("a2", "Möss", None, [], None),
        ("a3", "No Genres", None, [], 5.0),
        ("a10", None, None, [], None),
    ]
    assert [one[1:] for one in rejected(rows)] == [
        (1, "header"),
        (5, "id_missing"),
        (6, "list_wrong"),
        (7, "list_wrong"),
        (8, "number_wrong"),
        (9, "number_wrong"),
        (10, "fields_wrong"),
        (11, "id_twice"),
        (12, "fields_wrong"),
        (13, "blank"),
    ]
    assert Counter(row.file for row in rows)["artists.csv.gz"] == reading.counted["artists.csv.gz"]


def test_tracks_keep_their_gaps_and_broken_lines_their_reason(reading):
    rows = rows_of(reading.tracks)
    first, second, third = (row for row in rows if row.reason is None)
    assert (first.track_name, first.artist_names) == ("Dusk, Long", ["Owls, Tin", "Möss"])
    assert (first.catalogue_artist_ids, first.released_by) == (["a1", "a2"], date(2001, 2, 28))
    assert (first.explicit, first.key, first.acousticness, first.tempo) == (1, 7, 0.00344, 109.99)
    for gap in ("track_name", "popularity", "duration_ms", "explicit", "key", "tempo"):
        assert second[gap] is None
    assert (second.time_signature, second.liveness, second.loudness) == (None, None, -5.0)
    assert (second.released_by, third.released_by) == (date(2001, 12, 31), date(2004, 2, 29))
    assert third.explicit == 0
    assert [one[1:] for one in rejected(rows)] == [
        (1, "header"),
        (5, "list_wrong"),
        (6, "time_unparsable"),
        (7, "number_wrong"),
        (8, "number_wrong"),
        (9, "list_wrong"),
        (10, "id_twice"),
        (11, "number_wrong"),
    ]
    told = [(row.alias, row.name) for row in rows_of(reading.aliases) if row.reason is None]
    assert told == [("Tin O.", "Tin Owls")]


def test_another_header_is_refused_and_a_missing_file_named(spark, tmp_path):
    write(tmp_path / "artists.csv", "id,name\n")
    with pytest.raises(BadInputError, match=r"expected the header 'id,followers"):
        read_catalogue(spark, str(tmp_path))
    write(tmp_path / "artists.csv", "\n".join(ARTIST_LINES) + "\n")
    with pytest.raises(BadInputError, match=r"expected tracks.csv or tracks.csv.gz"):
        read_catalogue(spark, str(tmp_path))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("['a', \"b's\"]", ["a", "b's"]),
        ("[]", []),
        ("", None),
        (None, None),
        ("'a'", None),
        ("['a', 1]", None),
        ("__import__('os')", None),  # nothing is ever run
        ("[" * 2000, None),
    ],
)
def test_lists_are_read_as_python_writes_them(text, read):
    assert read_list(text) == read
