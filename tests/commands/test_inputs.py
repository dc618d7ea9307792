"""Commands that read any log: which format they take it for, and with which settings."""

import pytest

from ritornello.cli import main
from ritornello.commands.inputs import format_of
from sources.formats.outside_files import write


def test_the_settings_of_the_format_come_after_the_first_file(tmp_path, capsys):
    write(tmp_path / "log" / "endsong_0.json", "[]")
    for name in ("local", "spotify-export", "mine"):
        write(tmp_path / f"{name}.yaml", "")
    conf = {name: str(tmp_path / f"{name}.yaml") for name in ("local", "spotify-export", "mine")}
    common = {"files": (conf["local"], conf["mine"])}
    assert format_of(str(tmp_path / "log"), None, common) == "spotify-export"
    assert common["files"] == (conf["local"], conf["spotify-export"], conf["mine"])
    assert "is recognised as spotify-export (endsong_0.json), with the" in capsys.readouterr().out
    assert format_of(str(tmp_path / "log"), "yambda", common) == "yambda"  # the option decides
    assert len(common["files"]) == 3


def test_a_delivery_is_read_without_a_word(tmp_path, capsys):
    write(tmp_path / "interactions.parquet", b"PAR1")
    common = {"files": ()}
    assert format_of(str(tmp_path), None, common) == "nested"
    assert capsys.readouterr().out == ""


def test_a_night_without_an_instant_and_without_plays_is_refused_at_once(capsys):
    with pytest.raises(SystemExit) as end:
        main(["refresh"])
    assert end.value.code == 2
    assert "give --as-of, or --input with the plays that decide it" in capsys.readouterr().err
