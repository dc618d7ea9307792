import pytest

from ritornello.errors import BadInputError, UsageError
from ritornello.sources.nested_parquet import open_delivery
from sources.formats.outside_files import Converted, write

COUNTS = ["userID\tartistID\tweight", "2\t51\t  13", "2\t52\t0", "x\t51\t1", "2\t51", "3\t52\t1"]
ARTISTS = [
    "id\tname\turl\tpictureURL",
    "51\tTin Owls\tu\tp",
    "52\t \tu\tp",
    "53\tM\xf6ss\tu\tp",  # latin-1
]


def test_counts_and_artists_are_tables_of_their_own_and_nothing_with_times(spark, tmp_path):
    write(tmp_path / "in" / "user_artists.dat.gz", "\r\n".join(COUNTS) + "\r\n")
    write(tmp_path / "in" / "artists.dat", "\n".join(ARTISTS).encode("latin-1"))
    converted = Converted(spark, "hetrec-2k", tmp_path / "in", tmp_path / "out")
    assert [tuple(row) for row in converted.rows("counts")] == [(2, 51, 13), (3, 52, 1)]
    assert [tuple(row) for row in converted.rows("artists")] == [(51, "Tin Owls")]
    assert converted.quarantine() == [
        ("artists.dat", 3, "artist_wrong"),
        ("artists.dat", 4, "encoding_wrong"),
        ("user_artists.dat.gz", 3, "weight_wrong"),
        ("user_artists.dat.gz", 4, "listener_wrong"),
        ("user_artists.dat.gz", 5, "fields_wrong"),
    ]
    assert "2 files: 10 entries = 3 plays + 5 quarantined + 2 header" in converted.printed
    with pytest.raises(UsageError, match="holds play counts without times"):
        open_delivery(spark, converted.out)


def test_another_header_is_refused(spark, tmp_path):
    write(tmp_path / "in" / "user_artists.dat", "user\tartist\tweight\n")
    with pytest.raises(BadInputError, match="expected the header 'userID"):
        Converted(spark, "hetrec-2k", tmp_path / "in", tmp_path / "out")
