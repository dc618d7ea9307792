"""Commands that read any log: which format they take it for, and with which settings."""

import os

import pytest

from ritornello.cli import main
from ritornello.commands.inputs import check_delivery, check_place, format_of, quick_if_small
from ritornello.commands.options import Common
from ritornello.errors import BadInputError, UsageError
from ritornello.resources import conf_file
from ritornello.sources.small import SMALL
from sources.formats.outside_files import write


def test_the_settings_of_the_format_come_after_the_first_file(tmp_path, capsys):
    write(tmp_path / "log" / "endsong_0.json", "[]")
    for name in ("local", "spotify-export", "mine"):
        write(tmp_path / f"{name}.yaml", "")
    conf = {name: str(tmp_path / f"{name}.yaml") for name in ("local", "spotify-export", "mine")}
    name, common = format_of(str(tmp_path / "log"), None, Common((conf["local"], conf["mine"])))
    assert name == "spotify-export"
    assert common.files == (conf["local"], conf["spotify-export"], conf["mine"])
    assert "is recognised as spotify-export (endsong_0.json), with the" in capsys.readouterr().out
    name, other = format_of(str(tmp_path / "log"), "hetrec-2k", common)  # the option decides
    assert (name, other.files[1]) == ("hetrec-2k", str(conf_file("hetrec-2k.yaml")))


def test_without_a_settings_file_the_one_of_the_format_comes_with_the_package(tmp_path):
    write(tmp_path / "endsong_0.json", "[]")
    name, common = format_of(str(tmp_path), None, Common())
    assert common.files == (str(conf_file("spotify-export.yaml")),)
    assert common.settings().imports.earliest_play.year == 2008
    named = Common(overrides=("imports.earliest_play=2010-01-01",))
    assert format_of(str(tmp_path), name, named)[1].settings().imports.earliest_play.year == 2010


def test_a_delivery_is_read_without_a_word(tmp_path, capsys):
    write(tmp_path / "interactions.parquet", b"PAR1")
    common = Common()
    assert format_of(str(tmp_path), None, common) == ("nested", common)
    assert capsys.readouterr().out == ""


def test_little_data_makes_a_short_job_unless_the_settings_say_no(tmp_path):
    write(tmp_path / "log" / "interactions.parquet", b"PAR1")
    write(tmp_path / "w" / "plays" / "a.parquet", b"PAR1")
    log, warehouse = str(tmp_path / "log"), f"warehouse={tmp_path}/w"
    common = Common(overrides=(warehouse,))
    assert quick_if_small(common, log).settings().spark.short_job
    assert quick_if_small(common).settings().spark.short_job
    write(tmp_path / "mine.yaml", "spark:\n  short_job: false\n")
    refused = Common((str(tmp_path / "mine.yaml"),), overrides=(warehouse,))
    assert not quick_if_small(refused, log).settings().spark.short_job
    os.truncate(tmp_path / "w" / "plays" / "a.parquet", SMALL)  # ten times that as text
    assert not quick_if_small(common, log).settings().spark.short_job
    assert (
        not quick_if_small(Common(overrides=("warehouse=s3a://b/w",)), log)
        .settings()
        .spark.short_job
    )


def test_a_night_without_an_instant_and_without_plays_is_refused_at_once(capsys):
    with pytest.raises(SystemExit) as end:
        main(["refresh"])
    assert end.value.code == 2
    assert "give --as-of, or --input with the plays that decide it" in capsys.readouterr().err


def test_a_place_that_is_not_there_is_refused_before_spark_starts(tmp_path, capsys):
    none, there = tmp_path / "none", tmp_path / "a log"
    there.mkdir()
    for place in (str(there), there.as_uri(), "s3a://bucket/log", "nosuch://x"):
        check_place(place)
    for place in (str(none), none.as_uri()):
        with pytest.raises(BadInputError, match="none: there is no such folder or file"):
            check_place(place)
    with pytest.raises(UsageError, match="--data is empty"):
        check_place(" ", "--data")
    convert = ["convert", "--format", "table", "--out", "out", "--input"]
    compare, artists = ["compare", "--data"], ["artists", "--input"]
    for command in (["import-plays", "--input"], ["import-catalogue", "--input"]):
        assert refused([*command, str(none)], capsys) == 3
    for command in (convert, compare, artists, ["refresh", "--input"]):
        assert refused([*command, str(none)], capsys) == 3


def refused(arguments: list[str], capsys) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert "there is no such folder or file" in capsys.readouterr().err
    return end.value.code


def test_a_delivery_has_interactions_and_another_log_is_named(tmp_path):
    write(tmp_path / "d" / "interactions.parquet", b"PAR1")
    write(tmp_path / "counts" / "counts.parquet", b"PAR1")  # the import says what is wrong with it
    write(tmp_path / "log" / "endsong_0.json", "[]")
    write(tmp_path / "other" / "readme.txt", "nothing")
    for place in ("d", "counts"):
        check_delivery(str(tmp_path / place))
    check_delivery("s3a://bucket/log")
    with pytest.raises(
        BadInputError, match=r"spotify-export .endsong_0.json. and no inter.*refresh"
    ):
        check_delivery(str(tmp_path / "log"))
    with pytest.raises(BadInputError, match=r"holds readme\.txt, and no known format fits"):
        check_delivery(str(tmp_path / "other"))
