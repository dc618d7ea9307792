"""The studio's start: it refuses what it cannot serve, in one line that says what to do."""

import os

import nbformat
import pandas as pd
import pytest
from voila.app import Voila

from ritornello.studio.places import CONF, WAREHOUSE
from ritornello.studio.serve import IDLE_S, main, settings, with_farewell
from studio.sample_warehouse import AS_OF, write, write_warehouse
from studio.served import NOTEBOOK


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The start sets these for its kernels: not for the tests that follow."""
    for name in (WAREHOUSE, CONF):
        monkeypatch.setenv(name, "")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return write_warehouse(tmp_path_factory.mktemp("studio"))


@pytest.fixture
def served(monkeypatch):
    """What Voilà was started with."""
    starts = []
    monkeypatch.setattr(Voila, "launch_instance", lambda argv, config: starts.append(argv))
    return starts


def refused(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([NOTEBOOK, *map(str, words)])
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, ": settings cannot be read (No such file or directory)"),
        ("playlists:\n  lenght: 9\n", ":2: playlists.lenght: unknown key"),
        ("playlists:\n  length: 99\n", ":2: playlists.length: "),
        ("playlists: [\n", ":2: not valid YAML"),
    ],
    ids=["missing", "unknown key", "bad value", "no yaml"],
)
def test_settings_that_cannot_be_read_are_refused(
    warehouse, tmp_path, capsys, served, text, complaint
):
    file = tmp_path / "mine.yaml"
    if text:
        file.write_text(text)
    code, line = refused(capsys, "--conf", file, "--warehouse", warehouse)
    assert code == 2
    assert line.startswith(f"error: {file}{complaint}")
    assert line.count("\n") == 1
    assert served == []


def test_a_warehouse_without_playlists_is_refused_with_what_to_run(tmp_path, capsys, served):
    place = tmp_path / "my warehouse"
    lines = {"missing": refused(capsys, "--warehouse", place)}
    place.mkdir()
    lines["empty"] = refused(capsys, "--warehouse", place)
    night = pd.DataFrame([{"as_of": AS_OF, "user_id": 0}])
    for kind in ("artist", "track"):
        write(place / kind / "recommendations", night, partitions=["as_of"])
        lines[kind] = refused(capsys, "--warehouse", place)
    make = "run `ritornello make-playlists --as-of 2025-01-06T00:00:00Z"
    yet = f"as of 2025-01-06T00:00:00Z are in {place} yet"
    assert lines == {
        "missing": (
            2,
            f"error: there is no warehouse at {place}: make one with `ritornello refresh`, or name "
            "another\n",
        ),
        "empty": (
            2,
            f"error: no recommendations of tracks are in {place} yet: run `ritornello refresh` on "
            "this warehouse\n",
        ),
        "artist": (
            2,
            f"error: no playlists of artists {yet}: {make} --kind artist --warehouse '{place}'`\n",
        ),
        "track": (2, f"error: no playlists of tracks {yet}: {make} --warehouse '{place}'`\n"),
    }
    assert served == []


def test_playlists_of_a_night_that_is_not_served_do_not_count(tmp_path, capsys):
    early = pd.DataFrame([{"as_of": AS_OF.replace(year=2024), "user_id": 0}])
    write(tmp_path / "track" / "recommendations", early, partitions=["as_of"])
    late = pd.DataFrame([{"as_of": AS_OF, "user_id": 0}])
    write(tmp_path / "track" / "cand_tracks", late, partitions=["as_of"])
    code, line = refused(capsys, "--warehouse", tmp_path)
    assert code == 2
    assert line.startswith("error: no playlists of tracks as of 2024-01-06T00:00:00Z are in ")


def test_a_warehouse_that_cannot_be_reached_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "none.json"))
    code, line = refused(capsys, "--warehouse", "gs://nobody/warehouse")
    assert code == 2
    assert line.startswith("error: gs://nobody/warehouse cannot be reached (")
    assert line.endswith("): check its address and credentials\n")
    assert line.count("\n") == 1


def test_what_is_right_is_served_and_its_kernels_know_the_places(
    warehouse, tmp_path, served, monkeypatch
):
    (tmp_path / "mine.yaml").write_text(f"warehouse: {warehouse}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([NOTEBOOK, "--conf", "mine.yaml", "--port", "9000", "--Voila.base_url=/x/"])
    assert ended.value.code == 0
    assert served == [[NOTEBOOK, "--port=9000", "--Voila.base_url=/x/"]]
    assert os.environ[WAREHOUSE] == str(warehouse)
    assert os.environ[CONF] == str(tmp_path / "mine.yaml")


def test_kernels_without_a_page_are_culled_within_minutes():
    culling = settings().MappingKernelManager
    assert culling.cull_idle_timeout == IDLE_S
    assert culling.cull_idle_timeout + culling.cull_interval <= 180
    assert culling.cull_connected is False


def test_the_farewell_stands_before_the_cell_that_is_run():
    class Request:
        xsrf_token = b"set as a cookie when it is read"

    book = with_farewell(Request(), nbformat.read(NOTEBOOK, as_version=4), "")
    assert [cell.cell_type for cell in book.cells] == ["markdown", "code"]
    assert "pagehide" in book.cells[0].source
