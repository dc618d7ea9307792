"""Which format a folder has, by its names and first bytes."""

import zipfile

import pytest

from ritornello.errors import BadInputError
from ritornello.sources.formats.recognise import recognise
from sources.formats.outside_files import write
from sources.formats.outside_logs import WRITERS, write_parts


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_every_format_is_recognised(tmp_path, kind):
    name, write_one = WRITERS[kind]
    write_parts(write_one, tmp_path, seed=1, parts=3)
    write(tmp_path / "notes.txt", "of no format")
    assert recognise(str(tmp_path)).name == name


def test_a_delivery_and_a_single_file_and_an_archive_are_recognised(tmp_path):
    write(tmp_path / "delivery" / "interactions.parquet" / "part-0", b"PAR1")
    write(tmp_path / "delivery" / "tracks.parquet", b"PAR1")
    assert recognise(str(tmp_path / "delivery")).name == "nested"
    one = write(tmp_path / "mira.csv", "\ufeffTin Owls,,Dusk,01 Feb 2024 22:02\n".encode("utf-16"))
    assert recognise(f"{one.as_uri()}") == recognise(str(one))
    assert recognise(str(one)).why == "mira.csv"
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.writestr("export/listens/2024.jsonl", '{"track_metadata": {}}')
        archive.writestr("export/user.json", "{}")
    recognised = recognise(str(tmp_path / "mine.zip"))
    assert (recognised.name, recognised.why) == (
        "listenbrainz",
        "mine.zip/export/listens/2024.jsonl",
    )


def test_what_is_not_recognised_says_what_was_looked_for(tmp_path):
    with pytest.raises(BadInputError, match="there is no such folder or file"):
        recognise(str(tmp_path / "nothing"))
    write(tmp_path / "budget.csv", "day,sum\n1,2\n")
    write(tmp_path / "broken.zip", b"PK")
    with pytest.raises(
        BadInputError, match=r"holds budget.csv, and no known format fits.*yambda: "
    ):
        recognise(str(tmp_path))


def test_a_uri_is_a_delivery_unless_the_format_is_named():
    assert recognise("s3a://bucket/listening").name == "nested"


def test_two_formats_in_one_folder_are_not_guessed(tmp_path):
    write(tmp_path / "user_events.csv", "userId,itemType,itemId,event,unixtime\n")
    write(tmp_path / "endsong_0.json", "[]")
    with pytest.raises(BadInputError, match=r"several formats \(yandex-event: .*spotify-export: "):
        recognise(str(tmp_path))
