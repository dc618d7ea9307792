"""Commands that read any log: which format they take it for, and with which settings."""

import pytest

from ritornello.cli import main
from ritornello.commands.inputs import format_of, quick_if_small
from ritornello.commands.options import Common
from ritornello.resources import conf_file
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


def test_a_small_input_makes_a_short_job_unless_the_command_line_says_no(tmp_path):
    write(tmp_path / "interactions.parquet", b"PAR1")
    small, none = str(tmp_path), str(tmp_path / "none")
    assert quick_if_small(small, Common()).settings().spark.short_job
    assert not quick_if_small(none, Common()).settings().spark.short_job
    refused = Common(overrides=("spark.short_job=false",))
    assert not quick_if_small(small, refused).settings().spark.short_job


def test_a_night_without_an_instant_and_without_plays_is_refused_at_once(capsys):
    with pytest.raises(SystemExit) as end:
        main(["refresh"])
    assert end.value.code == 2
    assert "give --as-of, or --input with the plays that decide it" in capsys.readouterr().err
